//! `kind = "sql"`: users in a table of somebody else.

mod query;
mod scan;
mod url;

use std::time::Duration;

use super::super::page::Words;
use super::super::section::Section;
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
    let url = url(section, around)?;
    let default = if url.kind == SqlKind::Postgres { QUOTED } else { QUERY };
    let text = written.as_ref().map_or(default, |found| found.value);
    let query = Query::parse(text, url.kind).map_err(|wrong| {
        if let Some(found) = &written {
            let spot = wrong.at.map_or_else(|| found.spot.clone(), |at| found.spot.part(found.value, at));
            spot.tell(Words::new(format!("`query`: {}", wrong.message)).hint(wrong.hint));
        }
    });
    Some(Sql { url, query: query.ok()?, stored, timeout, connections })
}

fn url(section: &mut Section<'_>, around: &Around<'_>) -> Option<SqlUrl> {
    let found = section.text("url")?;
    let text = match found.value.strip_prefix("env:") {
        None => found.value.to_owned(),
        Some(name) => match (around.env)(name).filter(|value| !value.is_empty()) {
            Some(value) => value,
            None => {
                found.spot.error(format!("the variable `{name}` of the environment is not set"));
                return None;
            }
        },
    };
    let known =
        r#"such as "postgres://user@host/name", "mysql://user@host/name", "sqlite:users.db" or "env:NAME""#;
    let told = |message| found.spot.tell(Words::new(message).secret().hint(known));
    SqlUrl::parse(&text, around.files).map_err(told).ok()
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
