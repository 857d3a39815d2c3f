//! `kind = "sql"`: users in a table of somebody else.

mod options;
mod query;
mod scan;
mod token;
mod url;

use std::time::Duration;

use super::super::database::written;
use super::super::page::Words;
use super::super::problem::OPEN_TABLE;
use super::super::section::{Found, Section};
use super::Around;
use super::check::{self, PasswordCheck, Stored};

pub use query::{Query, WrongQuery};
pub use url::{SqlKind, SqlUrl};

/// What is asked where no `query` is written.
pub const QUERY: &str = "SELECT user AS username, pass AS password, users.* FROM users WHERE user = ?";
/// The same where `user` is a word of the database, and means whoever is connected.
const QUOTED: &str = r#"SELECT "user" AS username, pass AS password, users.* FROM users WHERE "user" = ?"#;

/// The keys of `kind = "sql"`.
#[derive(Clone, Debug)]
pub struct Sql {
    /// Where the table is.
    pub url: SqlUrl,
    /// The question for one person.
    pub query: Query,
    /// How passwords are kept in it.
    pub stored: Stored,
    /// For one question, connecting included. Default: 5 s.
    pub timeout: Duration,
    /// Most connections. Default: 4.
    pub connections: u32,
}

/// Reads the keys.
pub(super) fn read(section: &mut Section<'_>, around: &Around<'_>) -> Option<Sql> {
    let second = Duration::from_secs(1);
    let stored = check::read(section, PasswordCheck::Crypt);
    let timeout = section.duration("timeout", second * 5, second / 10..=second * 60);
    let connections = u32::try_from(section.int("connections", 4, 1..=64)).unwrap_or(4);
    let written = section.opt_text("query");
    let (url, kinds) = url(section, around);
    let query = query(written.as_ref(), &kinds);
    Some(Sql { url: url?, query: query?, stored, timeout, connections })
}

/// The question. In: the kinds that the database may be of.
fn query(written: Option<&Found<'_, &str>>, kinds: &[SqlKind]) -> Option<Query> {
    let mut wrong = None;
    for kind in kinds {
        let default = if *kind == SqlKind::Postgres { QUOTED } else { QUERY };
        match Query::parse(written.map_or(default, |found| found.value), *kind) {
            Ok(query) => return Some(query),
            Err(found) => wrong = wrong.or(Some(found)),
        }
    }
    let (found, wrong) = (written?, wrong?);
    let spot = wrong.at.map_or_else(|| found.spot.clone(), |at| found.spot.part(found.value, at));
    spot.tell(Words::new(format!("`query`: {}", wrong.message)).hint(wrong.hint));
    None
}

/// The address, and which kinds of database it may be of: all of them where it says nothing.
fn url(section: &mut Section<'_>, around: &Around<'_>) -> (Option<SqlUrl>, Vec<SqlKind>) {
    let all = vec![SqlKind::Mysql, SqlKind::Postgres, SqlKind::Sqlite];
    let Some(found) = section.text("url") else { return (None, all) };
    let Some(text) = written(&found, around.env) else { return (None, all) };
    let kinds = SqlUrl::kind_of(&text).map_or(all, |kind| vec![kind]);
    let url = SqlUrl::parse(&text, around.files);
    let url = url.map_err(|wrong| found.spot.tell(Words::new(wrong.message).address().hint(wrong.hint))).ok();
    if let Some(url) = url.as_ref().filter(|url| url.travels_unguarded()) {
        let mode =
            if url.kind == SqlKind::Mysql { "ssl-mode=VERIFY_IDENTITY" } else { "sslmode=verify-full" };
        let words = Words::warning(OPEN_TABLE, "nobody proves to be this database, and hashes come from it");
        let words =
            words.address().note("whoever is on the way can read them, and put others in their place.");
        found.spot.tell(words.hint(format!("end the address with ?{mode}")));
    }
    (url, kinds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_questions_that_nobody_writes_are_questions() {
        for (text, kind) in [(QUERY, SqlKind::Mysql), (QUERY, SqlKind::Sqlite), (QUOTED, SqlKind::Postgres)] {
            assert_eq!(Query::parse(text, kind).map(|query| query.places()), Ok(1));
        }
    }
}
