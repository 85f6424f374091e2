//! The hook for a virus scanner: a program of the operator's choice looks at each attachment before it is kept.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use actix_web::web::{self, Bytes};

use crate::error::{Error, Result};
use crate::say;

/// The program, if there is one.
#[derive(Clone)]
pub struct Scanner(Option<Arc<PathBuf>>);

impl Scanner {
    /// With the program of the settings.
    pub fn new(program: Option<PathBuf>) -> Self {
        Self(program.map(Arc::new))
    }

    /// Refuses a content that the program finds unclean (exit code 1); without a verdict (any other code) the service
    /// is unavailable, and nothing is kept.
    pub async fn scan(&self, content: Bytes) -> Result<()> {
        let Some(program) = self.0.clone() else {
            return Ok(());
        };
        match web::block(move || run(&program, &content)).await? {
            Ok(Some(0)) => Ok(()),
            Ok(Some(1)) => {
                let detail = say!("附件未通过安全检查", "the scanner refuses the attachment");
                Err(Error::invalid("", "unclean", detail))
            }
            other => {
                tracing::error!(?other, "the scan command gave no verdict");
                Err(Error::Unavailable("the scan command gave no verdict".into()))
            }
        }
    }
}

/// The program's exit code; none when a signal ended it.
fn run(program: &PathBuf, content: &[u8]) -> std::io::Result<Option<i32>> {
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    if let Some(mut input) = child.stdin.take() {
        // a scanner that has seen enough may close its input: its exit code counts
        let _ = input.write_all(content);
    }
    Ok(child.wait()?.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_web::test]
    async fn the_exit_code_decides_and_no_verdict_keeps_nothing() {
        let scan = async |program: &str| {
            let scanner = Scanner::new(Some(PathBuf::from(program)));
            scanner.scan(Bytes::from(vec![0; 1_000_000])).await
        };
        assert!(scan("true").await.is_ok());
        assert!(matches!(scan("false").await, Err(Error::Invalid(_))));
        assert!(matches!(
            scan("/no/such/program").await,
            Err(Error::Unavailable(_) | Error::Internal(_))
        ));
        assert!(Scanner::new(None).scan(Bytes::new()).await.is_ok());
    }
}
