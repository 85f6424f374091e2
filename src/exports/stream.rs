//! The body of a download: page by page as the client takes it, so that the service never holds more than a page.

use std::collections::BTreeSet;

use actix_web::web::Bytes;
use futures_util::stream::{Stream, try_unfold};

use super::{Export, PAGE, Query, Watermark, downloaded, page_left};
use crate::auth::Actor;
use crate::db::Db;
use crate::db::page::Ask;
use crate::error::Result;
use crate::members;

/// A download under way.
pub(super) struct Download {
    pub db: Db,
    pub actor: Actor,
    pub request: String,
    pub export: Export,
    pub query: Query,
    pub mark: Watermark,
}

/// What comes next.
enum Next {
    Head,
    Rows(Ask, i64),
    End(i64, bool),
    Nothing,
}

/// The bytes of a download.
pub(super) fn body(download: Download) -> impl Stream<Item = Result<Bytes>> {
    try_unfold((download, Next::Head), |(download, next)| async move {
        let (bytes, next) = match next {
            Next::Head => {
                let first = download.query.first(PAGE.min(download.export.most_rows.max(1)));
                (download.mark.head()?, Next::Rows(first, 0))
            }
            Next::Rows(ask, before) => download.rows(ask, before).await?,
            Next::End(rows, complete) => {
                download.note(rows).await?;
                (download.mark.end(rows, complete)?, Next::Nothing)
            }
            Next::Nothing => return Ok(None),
        };
        Ok(Some((Bytes::from(bytes), (download, next))))
    })
}

impl Download {
    /// The next page of rows, and what comes after it.
    async fn rows(&self, ask: Ask, before: i64) -> Result<(Vec<u8>, Next)> {
        let (query, mark, clear) = (self.query.clone(), self.mark.clone(), self.export.clear);
        let left = usize::try_from(self.export.most_rows - before).unwrap_or(0);
        let read = self.db.read(self.actor.scope.clone(), move |rx| {
            let mut page = query.rows(rx, &ask, clear)?;
            let more = page.items.len() > left || page.next_cursor.is_some();
            page.items.truncate(left);
            let following = page.next_cursor.map(|cursor| ask.following(&cursor));
            let members: BTreeSet<_> = page.items.iter().map(|row| row.member_id).collect();
            Ok((
                mark.rows(&page.items)?,
                page.items.len(),
                more,
                following.transpose()?,
                members::people(rx, members.into_iter().collect())?,
            ))
        });
        let (bytes, number, more, following, people) = read.await?;
        self.told(people).await?;
        let rows = before + i64::try_from(number).unwrap_or(i64::MAX);
        let next = match following {
            Some(ask) if rows < self.export.most_rows => Next::Rows(ask, rows),
            _ => Next::End(rows, !more),
        };
        Ok((bytes, next))
    }

    /// Notes whom a page is about, before it leaves: a download that breaks off has shown what went before.
    async fn told(&self, people: Vec<String>) -> Result<()> {
        if people.is_empty() {
            return Ok(());
        }
        let export = self.export.clone();
        let noting = self
            .db
            .write(self.actor.clone(), self.request.clone(), move |tx| {
                page_left(tx, &export, people)
            });
        noting.await
    }

    async fn note(&self, rows: i64) -> Result<()> {
        let export = self.export.clone();
        let noting = self
            .db
            .write(self.actor.clone(), self.request.clone(), move |tx| {
                downloaded(tx, &export, rows)
            });
        noting.await
    }
}
