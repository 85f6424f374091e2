//! Points at which a test ends the program, to see that a crash there loses nothing and pays nothing twice. They are
//! compiled into debug builds only: in a release build [`failpoint!`](crate::failpoint!) is nothing.

#[cfg(debug_assertions)]
use std::sync::{
    LazyLock,
    atomic::{AtomicU64, Ordering},
};

/// Ends the program here when `BANGFU_FAIL_AT` names this point, or `name:n` its nth pass.
#[macro_export]
macro_rules! failpoint {
    ($name:literal) => {
        #[cfg(debug_assertions)]
        $crate::failpoint::pass($name);
    };
}

/// Passes a point.
#[cfg(debug_assertions)]
pub fn pass(name: &str) {
    static ARMED: LazyLock<Option<(String, u64)>> = LazyLock::new(|| {
        let point = std::env::var("BANGFU_FAIL_AT").ok()?;
        Some(match point.split_once(':') {
            Some((name, nth)) => (name.to_owned(), nth.parse().ok()?),
            None => (point, 1),
        })
    });
    static PASSES: AtomicU64 = AtomicU64::new(0);
    let Some((armed, nth)) = &*ARMED else { return };
    if armed == name && PASSES.fetch_add(1, Ordering::SeqCst) + 1 == *nth {
        std::process::abort();
    }
}
