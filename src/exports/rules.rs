//! What may leave the service, and when (90). Values in, verdict out.

use crate::db::types::Timestamp;
use crate::error::{Error, Result};
use crate::policies::rules::Exports;
use crate::separation::same_person;
use crate::{say, text_enum};

text_enum! {
    /// How an export stands.
    #[schema(as = ExportStatus)]
    pub enum Status {
        /// It waits for the approval of another person.
        Requested = "requested",
        /// It may be downloaded; it needed no approval.
        Ready = "ready",
        /// It may be downloaded.
        Approved = "approved",
        /// It may not leave.
        Refused = "refused",
        /// Its time is over.
        Expired = "expired",
    }
}
text_enum! {
    /// How an export is written.
    #[schema(as = ExportFormat)]
    pub enum Format {
        /// For spreadsheets: UTF-8 with a mark, RFC 4180.
        Csv = "csv",
        /// One JSON object per line.
        JsonLines = "json_lines",
    }
}

/// How an export begins: a masked one of few rows needs no approval.
///
/// # Errors
/// 409 `too_many_rows` when there are more than may leave at all.
pub fn begins(clear: bool, rows: i64, bounds: &Exports) -> Result<Status> {
    let most = bounds.most_rows;
    if rows > most {
        let detail = say!(
            "超过单次导出上限 {most} 行",
            "more than {most} rows, the most of one export"
        );
        return Err(Error::refused("too_many_rows", detail).with("most_rows", most));
    }
    Ok(match clear || rows > bounds.masked_rows_without_approval {
        true => Status::Requested,
        false => Status::Ready,
    })
}

/// The most rows that leave by an export that begins so: what came in between is not to outgrow what was allowed.
pub fn most_rows(begins: Status, bounds: &Exports) -> i64 {
    match begins {
        Status::Ready => bounds.masked_rows_without_approval,
        _ => bounds.most_rows,
    }
}

/// How an export stands at a moment.
pub fn status_at(status: Status, expires_at: Timestamp, now: Timestamp) -> Status {
    match status {
        Status::Refused => Status::Refused,
        _ if expires_at <= now => Status::Expired,
        _ => status,
    }
}

/// Whether somebody may decide an export that stands so: not who asked for it.
pub fn may_decide(status: Status, requester: &str, person: &str) -> Result<()> {
    if status != Status::Requested {
        let detail = say!("该导出不在待批状态", "the export does not wait for a decision");
        return Err(Error::refused("wrong_status", detail).with("status", status));
    }
    match requester == person {
        true => Err(same_person()),
        false => Ok(()),
    }
}

/// Whether an export that stands so may be downloaded: only by who asked for it.
pub fn may_download(status: Status, own: bool) -> Result<()> {
    if !own {
        let detail = say!("只有申请人可以下载", "only who asked for it downloads it");
        return Err(Error::refused("not_requester", detail));
    }
    match status {
        Status::Ready | Status::Approved => Ok(()),
        Status::Expired => {
            let detail = say!("已过期，请重新申请", "its time is over; ask again");
            Err(Error::refused("expired", detail))
        }
        Status::Requested | Status::Refused => {
            let detail = say!("尚未批准，不能下载", "it has not been approved");
            Err(Error::refused("wrong_status", detail).with("status", status))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Exports = Exports {
        masked_rows_without_approval: 10,
        most_rows: 20,
        valid_hours: 24,
    };

    #[test]
    fn only_a_masked_export_of_few_rows_needs_no_approval() {
        let of = |clear, rows| begins(clear, rows, &BOUNDS).map_err(|error| error.code());
        assert_eq!(of(false, 10), Ok(Status::Ready));
        assert_eq!(of(false, 11), Ok(Status::Requested));
        assert_eq!(of(true, 0), Ok(Status::Requested));
        assert_eq!(of(true, 20), Ok(Status::Requested));
        assert_eq!(of(false, 21), Err("too_many_rows"));
        assert_eq!(
            (
                most_rows(Status::Ready, &BOUNDS),
                most_rows(Status::Requested, &BOUNDS)
            ),
            (10, 20)
        );
    }

    #[test]
    fn time_ends_everything_but_a_refusal() {
        let (now, later) = (
            Timestamp::from_unix(10).unwrap(),
            Timestamp::from_unix(11).unwrap(),
        );
        assert_eq!(status_at(Status::Ready, later, now), Status::Ready);
        assert_eq!(status_at(Status::Approved, now, now), Status::Expired);
        assert_eq!(status_at(Status::Requested, now, later), Status::Expired);
        assert_eq!(status_at(Status::Refused, now, later), Status::Refused);
    }

    #[test]
    fn another_person_decides_once_and_only_who_asked_downloads() {
        let code = |done: Result<()>| done.map_err(|error| error.code());
        assert_eq!(code(may_decide(Status::Requested, "a", "b")), Ok(()));
        assert_eq!(code(may_decide(Status::Requested, "a", "a")), Err("same_person"));
        assert_eq!(code(may_decide(Status::Approved, "a", "b")), Err("wrong_status"));
        assert_eq!(code(may_download(Status::Approved, true)), Ok(()));
        assert_eq!(code(may_download(Status::Approved, false)), Err("not_requester"));
        assert_eq!(code(may_download(Status::Expired, true)), Err("expired"));
        assert_eq!(code(may_download(Status::Requested, true)), Err("wrong_status"));
    }
}
