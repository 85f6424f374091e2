# docker build -t bangfu .
ARG RUST=1.95
ARG DEBIAN=trixie

FROM rust:${RUST}-slim-${DEBIAN} AS build
WORKDIR /build
COPY . .
# The caches outlive this build, so a change of the source compiles no dependency again. The result is copied out,
# because a cache is no part of the layer. Our own code is always compiled anew (touch): cargo goes by the files'
# times, and another checkout may have filled the cache with later ones.
RUN --mount=type=cache,id=bangfu-registry,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,id=bangfu-target,target=/build/target,sharing=locked \
    touch src/lib.rs src/main.rs && \
    cargo build --release --locked --bin bangfu && \
    install -D target/release/bangfu /out/bangfu && \
    install -d /out/data

FROM debian:${DEBIAN}-slim
COPY --from=build /out/bangfu /usr/local/bin/bangfu
# The only folder the service may write to: SQLite lives there when no DATABASE_URL is set.
# Numbers, not names, so that an orchestrator can tell that this is not root.
COPY --from=build --chown=10001:10001 /out/data /data
ENV BANGFU_LISTEN=0.0.0.0:8080 \
    BANGFU_DATA=/data
USER 10001:10001
EXPOSE 8080
# bangfu finishes what runs, flushes the audit log and exits.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["bangfu", "health"]
ENTRYPOINT ["bangfu"]
CMD ["serve"]
