//! The rules of a transfer. Values in, verdict out.

use super::{Status, Why};
use crate::error::{Error, Result};
use crate::files::{File, Status as FileStatus};
use crate::organizations::OrganizationId;
use crate::say;

/// A file goes while nobody is judging it, to another unit.
pub fn may_go(file: &File, to: OrganizationId) -> Result<()> {
    movable(file.status)?;
    if file.organization_id == to {
        let detail = say!("档案已在该单位", "the file belongs to this unit already");
        return Err(Error::invalid("/organization_id", "same_organization", detail));
    }
    Ok(())
}

/// A draft, a returned file and one on file can go; one that is being judged is returned or decided first.
fn movable(status: FileStatus) -> Result<()> {
    match status {
        FileStatus::Draft | FileStatus::Returned | FileStatus::OnFile => Ok(()),
        other => {
            let detail = say!(
                "档案当前状态（{other}）不能移交",
                "a file that is {other} can't be transferred"
            );
            Err(Error::refused("wrong_status", detail).with("status", other))
        }
    }
}

/// Only a transfer that nobody has answered can be answered.
pub fn pending(status: Status) -> Result<()> {
    if status == Status::Pending {
        return Ok(());
    }
    let detail = say!("移交已办结", "the transfer has been answered");
    Err(Error::refused("decided", detail).with("status", status))
}

/// A reason of "other" needs a comment.
pub fn explained(reason: Why, comment: Option<&str>) -> Result<()> {
    if reason == Why::Other && comment.is_none() {
        let detail = say!("原因为“其他”时须说明", "“other” needs a comment");
        return Err(Error::invalid("/comment", "required", detail));
    }
    Ok(())
}
