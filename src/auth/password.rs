//! Passwords: argon2id, a bound on how many are computed at once, and the policy they must meet (rules 5, 89).

use std::sync::{Arc, OnceLock};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::error::{Error, FieldError, Result};
use crate::keyring::random;
use crate::policies::rules::Accounts;
use crate::say;

/// Computes and checks password hashes on blocking threads, a few at a time: a storm of sign-ins can't starve the
/// rest of the service.
#[derive(Clone)]
pub struct Passwords {
    argon2: Argon2<'static>,
    at_once: Arc<Semaphore>,
    nobody: Arc<OnceLock<String>>,
}

impl Passwords {
    /// With these argon2id parameters (memory in KiB).
    pub fn new(memory_kib: u32, iterations: u32, parallelism: u32, at_once: usize) -> Result<Self> {
        let params = Params::new(memory_kib, iterations, parallelism, None)
            .map_err(|e| Error::internal(format!("argon2 parameters: {e}")))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        Ok(Self {
            argon2,
            at_once: Arc::new(Semaphore::new(at_once)),
            nobody: Arc::default(),
        })
    }

    /// The hash of a password, in PHC form.
    pub fn hash(&self, password: &str) -> Result<String> {
        let salt = random::<16>()?;
        let hash = self.argon2.hash_password_with_salt(password.as_bytes(), &salt);
        hash.map(|h| h.to_string())
            .map_err(|e| Error::internal(format!("argon2: {e}")))
    }

    /// Whether `password` has this hash. Without a hash (no such account) the same work is done for nothing, so that
    /// the time of the answer tells nothing.
    pub fn check(&self, password: &str, hash: Option<&str>) -> bool {
        let nobody = self
            .nobody
            .get_or_init(|| self.hash("nobody").unwrap_or_default());
        let parsed = PasswordHash::new(hash.unwrap_or(nobody));
        let fits = parsed.is_ok_and(|h| self.argon2.verify_password(password.as_bytes(), &h).is_ok());
        fits && hash.is_some()
    }

    /// Runs password work on a blocking thread when it is its turn.
    pub async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> T + Send + 'static,
    ) -> Result<T> {
        let turn = self
            .at_once
            .clone()
            .acquire_owned()
            .await
            .map_err(Error::internal)?;
        let this = self.clone();
        let done = actix_web::web::block(move || {
            let done = work(&this);
            drop(turn);
            done
        });
        Ok(done.await?)
    }
}

/// Refuses a password that the policy does not allow (rule 89): too short, too few classes, or the account's name.
pub fn check_new(password: &str, username: &str, policy: &Accounts, at: &str) -> Result<()> {
    let classes = [
        password.chars().any(|c| c.is_ascii_lowercase()),
        password.chars().any(|c| c.is_ascii_uppercase()),
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| !c.is_ascii_alphanumeric()),
    ];
    let (length, needed) = (policy.password_min_length, policy.password_min_classes);
    let weak = (password.chars().count() as i64) < length
        || (classes.into_iter().filter(|c| *c).count() as i64) < needed
        || password.to_lowercase().contains(&username.to_lowercase());
    if password.chars().count() > 128 {
        return Err(Error::invalid(
            at,
            "too_long",
            say!("最多 128 个字符", "at most 128 characters"),
        ));
    }
    if weak {
        let detail = say!(
            "至少 {length} 位，含大写、小写、数字、符号中的 {needed} 类，且不得包含用户名",
            "at least {length} characters of {needed} classes (upper, lower, digit, other), without the user name"
        );
        return Err(Error::Invalid(vec![FieldError::new(at, "weak_password", detail)]));
    }
    Ok(())
}

/// A one-time password of 16 characters without look-alikes, with every class in it.
pub fn one_time() -> Result<String> {
    const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";
    let bytes = random::<13>()?;
    let text: String = bytes
        .iter()
        .map(|b| char::from(LETTERS[usize::from(b % 32)]))
        .collect();
    Ok(format!("{text}-Z7"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_checked_against_its_own_hash_only() {
        let passwords = Passwords::new(64, 1, 1, 1).unwrap();
        let hash = passwords.hash("correct horse").unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(passwords.check("correct horse", Some(&hash)));
        assert!(!passwords.check("wrong", Some(&hash)));
        assert!(!passwords.check("nobody", None));
    }

    #[test]
    fn weak_passwords_are_refused_and_one_time_passwords_are_strong() {
        let policy = Accounts {
            password_min_length: 8,
            password_min_classes: 3,
            ..Accounts::default()
        };
        for weak in ["Ab1", "abcdefgh", "abcdefg1", "Zhang-san1"] {
            assert!(check_new(weak, "zhang-san", &policy, "/p").is_err(), "{weak}");
        }
        assert!(check_new("Abcdefg1", "zhang-san", &policy, "/p").is_ok());
        assert!(check_new(&one_time().unwrap(), "zhang-san", &policy, "/p").is_ok());
    }
}
