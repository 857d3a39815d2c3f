//! Which parts of a statement are code, and which are texts, quoted names and comments.

use std::ops::Range;

use super::SqlKind;

/// What a piece of a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// What the database reads as words and signs.
    Code,
    /// A text or a quoted name, with its quotes.
    Quoted,
    /// What nobody reads.
    Comment,
}

/// A piece of a statement, in bytes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub kind: Kind,
    pub range: Range<usize>,
}

/// How something that was opened ends.
enum Open<'t> {
    /// At this sign; twice is the sign itself.
    Quote { sign: char, escapes: bool },
    /// At this text, which has no double.
    Until { text: &'t str, opening: usize },
    /// With the line.
    Line,
    /// `*/`.
    Block { nests: bool },
}

/// Takes a statement apart. Errors: where something begins that never ends.
pub(super) fn pieces(text: &str, database: SqlKind) -> Result<Vec<Piece>, Range<usize>> {
    let mut pieces = Vec::new();
    let (mut at, mut code) = (0, 0);
    while let Some(sign) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let Some(open) = open(text, at, database) else {
            at += sign.len_utf8();
            continue;
        };
        let rest = text.get(at..).unwrap_or_default();
        let Some(length) = length(rest, &open) else { return Err(at..at + sign.len_utf8()) };
        let kind = match open {
            Open::Quote { .. } | Open::Until { .. } => Kind::Quoted,
            Open::Line | Open::Block { .. } => Kind::Comment,
        };
        pieces.push(Piece { kind: Kind::Code, range: code..at });
        pieces.push(Piece { kind, range: at..at + length });
        at += length;
        code = at;
    }
    pieces.push(Piece { kind: Kind::Code, range: code..at });
    pieces.retain(|piece| !piece.range.is_empty());
    Ok(pieces)
}

/// Whether a sign may stand inside a name without quotes.
pub(super) fn is_of_name(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_' || sign == '$' || !sign.is_ascii()
}

/// The sign before a place.
pub(super) fn before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// What is opened at a place, if anything.
fn open(text: &str, at: usize, database: SqlKind) -> Option<Open<'_>> {
    let rest = text.get(at..)?;
    let mysql = database == SqlKind::Mysql;
    let postgres = database == SqlKind::Postgres;
    match rest.chars().next()? {
        '\'' => Some(Open::Quote { sign: '\'', escapes: mysql || (postgres && is_escape_text(text, at)) }),
        '"' => Some(Open::Quote { sign: '"', escapes: mysql }),
        '`' if !postgres => Some(Open::Quote { sign: '`', escapes: false }),
        '[' if database == SqlKind::Sqlite => Some(Open::Until { text: "]", opening: 1 }),
        '#' if mysql => Some(Open::Line),
        // MySQL wants white space after it: `5--1` is 6.
        '-' => {
            let after = rest.strip_prefix("--")?.chars().next();
            (!mysql || after.is_none_or(|c| c.is_whitespace() || c.is_control())).then_some(Open::Line)
        }
        '/' => rest.starts_with("/*").then_some(Open::Block { nests: postgres }),
        '$' if postgres && !before(text, at).is_some_and(is_of_name) => {
            let tag = dollar_tag(rest)?;
            Some(Open::Until { text: tag, opening: tag.len() })
        }
        _ => None,
    }
}

/// Whether the quote at a place follows an `E` that stands alone.
fn is_escape_text(text: &str, at: usize) -> bool {
    let front = text.get(..at).unwrap_or_default();
    let name = front.strip_suffix(['E', 'e']);
    name.is_some_and(|front| !front.chars().next_back().is_some_and(is_of_name))
}

/// `$$` or `$name$` at the beginning of a text.
fn dollar_tag(text: &str) -> Option<&str> {
    let name = text.strip_prefix('$')?;
    let end = name.find('$')?;
    let inner = name.get(..end)?;
    let fits = inner.chars().all(is_of_name) && !inner.starts_with(|c: char| c.is_ascii_digit());
    if fits { text.get(..end + 2) } else { None }
}

/// How long what was opened at the beginning of a text is; `None`: it never ends.
fn length(text: &str, open: &Open<'_>) -> Option<usize> {
    match open {
        Open::Line => Some(text.find('\n').map_or(text.len(), |end| end + 1)),
        Open::Until { text: close, opening } => {
            let end = text.get(*opening..)?.find(close)?;
            Some(opening + end + close.len())
        }
        Open::Quote { sign, escapes } => quoted(text, *sign, *escapes),
        Open::Block { nests } => block(text, *nests),
    }
}

fn quoted(text: &str, sign: char, escapes: bool) -> Option<usize> {
    let mut signs = text.char_indices().skip(1).peekable();
    while let Some((at, found)) = signs.next() {
        if found == '\\' && escapes {
            signs.next();
        } else if found == sign && signs.next_if(|(_, next)| *next == sign).is_none() {
            return Some(at + sign.len_utf8());
        }
    }
    None
}

fn block(text: &str, nests: bool) -> Option<usize> {
    let (mut at, mut depth) = (2, 1_usize);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with("*/") {
            at += 2;
            depth -= 1;
            if depth == 0 {
                return Some(at);
            }
        } else if nests && rest.starts_with("/*") {
            at += 2;
            depth += 1;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::SqlKind::{Mysql, Postgres, Sqlite};
    use super::*;

    /// The code of a statement, with `_` for each text and name, and nothing for comments.
    fn code(text: &str, database: SqlKind) -> Result<String, usize> {
        let pieces = pieces(text, database).map_err(|range| range.start)?;
        Ok(pieces
            .into_iter()
            .map(|piece| match piece.kind {
                Kind::Code => &text[piece.range],
                Kind::Quoted => "_",
                Kind::Comment => "",
            })
            .collect())
    }

    #[test]
    fn texts_names_and_comments_are_told_from_code() {
        let all = &[Postgres, Mysql, Sqlite][..];
        for (text, databases, seen) in [
            ("a 'b''?' c", all, "a _ c"),
            ("a \"?\" c -- it's\nd", all, "a _ c d"),
            ("a /* ' */ b", all, "a  b"),
            ("é 'é' é", all, "é _ é"),
            ("a -- ?", all, "a "),
            ("a `?` b", &[Mysql, Sqlite], "a _ b"),
            ("a `?` b", &[Postgres], "a `?` b"),
            ("a [?] b", &[Sqlite], "a _ b"),
            ("a[1] = ?", &[Postgres, Mysql], "a[1] = ?"),
            (r"a 'b\'?' c", &[Mysql], "a _ c"),
            (r"a 'b\' ? c", &[Postgres, Sqlite], "a _ ? c"),
            (r"a E'b\'?' c", &[Postgres], "a E_ c"),
            (r"a like'b\' ? c", &[Postgres], "a like_ ? c"),
            ("5--1", &[Mysql], "5--1"),
            ("5--1", &[Postgres, Sqlite], "5"),
            ("a # ?\nb", &[Mysql], "a b"),
            ("a # b", &[Postgres], "a # b"),
            ("a /* /* ? */ ? */ b", &[Postgres], "a  b"),
            ("a /* /* ? */ b", &[Mysql, Sqlite], "a  b"),
            ("a $$?'$$ b $q$?$$;$q$ c", &[Postgres], "a _ b _ c"),
            ("a$b$ ? $1$", &[Postgres], "a$b$ ? $1$"),
            ("", all, ""),
        ] {
            for database in databases {
                assert_eq!(code(text, *database).as_deref(), Ok(seen), "{text:?} {database:?}");
            }
        }
    }

    #[test]
    fn what_never_ends_is_found() {
        for (text, database, at) in [
            ("a 'b", Postgres, 2),
            ("a '''", Sqlite, 2),
            (r"a 'b\'", Mysql, 2),
            ("é \"b", Postgres, 3),
            ("a /* b", Sqlite, 2),
            ("a /* /* b */", Postgres, 2),
            ("a $q$ b $$", Postgres, 2),
            ("a [b", Sqlite, 2),
        ] {
            assert_eq!(code(text, database), Err(at), "{text:?}");
        }
    }
}
