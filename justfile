# `just` lists these; `just demo` is the place to start.
_list:
    @just --list --unsorted

# the service with demo data on 127.0.0.1:8080 (just demo --fresh begins again)
demo *arguments:
    cargo run --release -- demo {{ arguments }}

# every test, on SQLite and on a throw-away PostgreSQL (just test duties: those with "duties" in the name)
test *arguments:
    scripts/test {{ arguments }}

# what CI runs: the tests and all checks
check:
    .ci/run

# lays the source out as `just check` wants it
fmt:
    cargo fmt

# writes the OpenAPI document anew, after a change of the API
openapi:
    mkdir -p openapi target
    cargo run --locked -q -- openapi > target/openapi.json
    mv target/openapi.json openapi/openapi.json

# how fast the service is, on both databases (just bench --households 500,5000 --seconds 1: a quick look)
bench *arguments:
    scripts/with-postgres --durable cargo bench --bench http -- {{ arguments }}
