//! How often one address may try to sign in.

use std::net::IpAddr;
use std::num::NonZeroU32;

use actix_web::HttpRequest;
use governor::{DefaultKeyedRateLimiter, Quota};

use crate::error::{Error, Result};

/// How many sign-ins one address may try, and how many proxies in front of us to believe.
pub struct AddressLimit {
    limiter: DefaultKeyedRateLimiter<IpAddr>,
    trusted_proxies: usize,
}

impl AddressLimit {
    /// With a limit per address and minute.
    pub fn new(per_minute: NonZeroU32, trusted_proxies: usize) -> Self {
        Self {
            limiter: DefaultKeyedRateLimiter::keyed(Quota::per_minute(per_minute)),
            trusted_proxies,
        }
    }

    /// Counts a try, or refuses it.
    pub(super) fn check(&self, req: &HttpRequest) -> Result<()> {
        let Some(address) = self.address(req) else {
            return Ok(());
        };
        self.limiter.check_key(&address).map_err(|_| Error::TooMany(60))
    }

    /// The client's address: each trusted proxy has appended the one it saw to `X-Forwarded-For`.
    fn address(&self, req: &HttpRequest) -> Option<IpAddr> {
        let peer = req.peer_addr().map(|a| a.ip());
        let forwarded = req
            .headers()
            .get("x-forwarded-for")
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default();
        let seen = forwarded.rsplit(',').filter_map(|a| a.trim().parse().ok());
        self.trusted_proxies
            .checked_sub(1)
            .and_then(|n| seen.into_iter().nth(n))
            .or(peer)
    }

    /// Forgets addresses that have been quiet.
    pub fn cleanup(&self) {
        self.limiter.retain_recent();
    }
}
