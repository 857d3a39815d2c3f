//! The operator's question: where the name stands in it, and how each database wants that written.

use std::ops::Range;

use super::SqlKind;
use super::scan::{Kind, Piece, is_of_name, pieces};
use super::token::{Form, Token, needs_value, read};

/// A question with a place for the name, or several. The name is never part of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    text: String,
    places: usize,
}

/// What is wrong with a question, and where in it, in bytes; `None`: as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongQuery {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
    /// Where.
    pub at: Option<Range<usize>>,
}

impl Query {
    /// Reads a question as it is written in a file: `?`, `$1`, `%s` and `%(username)s` outside of texts, quoted
    /// names and comments are the name. Where one of the last two is used, `%%` is `%`.
    ///
    /// Errors: no place for the name, a place for something else, several statements, something that never ends.
    pub fn parse(text: &str, database: SqlKind) -> Result<Self, WrongQuery> {
        let pieces = pieces(text, database).map_err(|at| WrongQuery {
            message: "what begins here never ends".to_owned(),
            hint: "close the quote or the comment; a quote inside a text is written twice",
            at: Some(at),
        })?;
        let mut tokens = Vec::new();
        for piece in pieces.iter().filter(|piece| piece.kind == Kind::Code) {
            read(text, &piece.range, database, &mut tokens)?;
        }
        let end = only_statement(text, &pieces, &tokens)?;
        let forms = |wanted: Form| {
            tokens.iter().any(|token| matches!(token, Token::Place(form, _) if *form == wanted))
        };
        let (numbers, percents) = (forms(Form::Number), forms(Form::Percent));
        // PostgreSQL has operators with `?`.
        let marks = database != SqlKind::Postgres || !(numbers || percents);
        let mixed =
            |token: &&Token| matches!(token, Token::Place(Form::Mark, at) if !marks && needs_value(text, at));
        if let Some(token) = tokens.iter().find(mixed) {
            return Err(WrongQuery {
                message:
                    "beside `$1` or `%s`, this `?` is an operator of PostgreSQL and no place for the name"
                        .to_owned(),
                hint: "write the name in one way: `$1` everywhere",
                at: Some(token.place().clone()),
            });
        }
        tokens.retain(|token| marks || !matches!(token, Token::Place(Form::Mark, _)));
        let query = Writer { text, database, percents }.write(&pieces, &tokens, end);
        if query.places == 0 {
            return Err(no_place(text, &pieces));
        }
        Ok(query)
    }

    /// The text for the database, with its own places.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// How many places it has; each of them is the name.
    pub fn places(&self) -> usize {
        self.places
    }
}

/// Where the statement ends. Errors where another one follows.
fn only_statement(text: &str, pieces: &[Piece], tokens: &[Token]) -> Result<usize, WrongQuery> {
    let first = tokens.iter().find_map(|token| match token {
        Token::End(range) => Some(range.clone()),
        _ => None,
    });
    let Some(end) = first else { return Ok(text.len()) };
    for piece in pieces.iter().filter(|piece| piece.kind != Kind::Comment && piece.range.end > end.end) {
        let from = piece.range.start.max(end.end);
        let rest = text.get(from..piece.range.end).unwrap_or_default();
        if let Some(more) = rest.find(|c: char| !c.is_whitespace() && c != ';') {
            return Err(WrongQuery {
                message: "a second statement begins here".to_owned(),
                hint: "`query` is one statement",
                at: Some(from + more..piece.range.end),
            });
        }
    }
    Ok(end.start)
}

fn no_place(text: &str, pieces: &[Piece]) -> WrongQuery {
    let quoted = pieces.iter().filter(|piece| piece.kind == Kind::Quoted).find(|piece| {
        let inner = text.get(piece.range.clone()).unwrap_or_default();
        ["?", "$1", "%s", "%(username)s"].contains(&inner.trim_matches(['\'', '"']))
    });
    WrongQuery {
        message: "the question has no place for the name".to_owned(),
        hint: match quoted {
            Some(_) => "without quotes: the name is handed over beside the question",
            None => "write `?` where the name belongs, as in `WHERE user = ?`",
        },
        at: quoted.map(|piece| piece.range.clone()),
    }
}

/// Writes a question for its database.
struct Writer<'q> {
    text: &'q str,
    database: SqlKind,
    percents: bool,
}

impl Writer<'_> {
    fn write(&self, pieces: &[Piece], tokens: &[Token], end: usize) -> Query {
        let mut query = Query { text: String::new(), places: 0 };
        let mut tokens = tokens.iter().peekable();
        for piece in pieces.iter().filter(|piece| piece.range.start < end) {
            let range = piece.range.start..piece.range.end.min(end);
            match piece.kind {
                Kind::Comment => query.text.push_str(self.part(range)),
                Kind::Quoted if self.percents => query.text.push_str(&self.part(range).replace("%%", "%")),
                Kind::Quoted => query.text.push_str(self.part(range)),
                Kind::Code => {
                    let mut at = range.start;
                    while let Some(token) = tokens.next_if(|token| token.place().end <= range.end) {
                        query.text.push_str(self.part(at..token.place().start));
                        self.put(token, &mut query);
                        at = token.place().end;
                    }
                    query.text.push_str(self.part(at..range.end));
                }
            }
        }
        query.text.truncate(query.text.trim_end().len());
        query
    }

    fn part(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    fn put(&self, token: &Token, query: &mut Query) {
        match token {
            Token::End(_) => {}
            Token::Double(_) => query.text.push_str(if self.percents { "%" } else { "%%" }),
            Token::Place(_, range) => {
                query.places += 1;
                if self.database != SqlKind::Postgres {
                    query.text.push('?');
                    return;
                }
                // Each is one of its own: what type it has follows from where it stands.
                let blank = |beside: Option<char>| if beside.is_some_and(is_of_name) { " " } else { "" };
                let after = self.text.get(range.end..).and_then(|rest| rest.chars().next());
                let (left, right) = (blank(query.text.chars().next_back()), blank(after));
                let place = format!("{left}${}{right}", query.places);
                query.text.push_str(&place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SqlKind::{Mysql, Postgres, Sqlite};
    use super::*;

    fn read(text: &str, database: SqlKind) -> (String, usize) {
        let query = Query::parse(text, database).unwrap_or_else(|wrong| panic!("{text}: {wrong:?}"));
        (query.text, query.places)
    }

    #[test]
    fn every_way_to_write_the_name() {
        for place in ["?", "$1", "%s", "%(username)s"] {
            let text = format!("SELECT a FROM u WHERE a = {place}");
            assert_eq!(read(&text, Postgres), ("SELECT a FROM u WHERE a = $1".to_owned(), 1));
            for database in [Mysql, Sqlite] {
                assert_eq!(read(&text, database), ("SELECT a FROM u WHERE a = ?".to_owned(), 1));
            }
        }
    }

    #[test]
    fn questions_for_each_database() {
        for (text, database, written, places) in [
            ("a = ? OR b = ?", Postgres, "a = $1 OR b = $2", 2),
            ("a = $1 OR b = $1", Postgres, "a = $1 OR b = $2", 2),
            ("a = $1 OR b = $1", Mysql, "a = ? OR b = ?", 2),
            ("a = ? OR b = %s", Sqlite, "a = ? OR b = ?", 2),
            ("a=?AND b=?", Postgres, "a=$1 AND b=$2", 2),
            ("SELECT?", Postgres, "SELECT $1", 1),
            ("a = ? ;\n -- done; ?", Postgres, "a = $1", 1),
            ("a = ? -- done", Sqlite, "a = ? -- done", 1),
            ("a = ?;;", Mysql, "a = ?", 1),
            ("a = '?' AND b = ? AND \"c?\" = '%s'", Postgres, "a = '?' AND b = $1 AND \"c?\" = '%s'", 1),
            // The operators of PostgreSQL.
            ("a = $1 AND d ? 'x'", Postgres, "a = $1 AND d ? 'x'", 1),
            (
                "a = $1 AND (d) ? 'x' AND e -> 'f' ? 'y'",
                Postgres,
                "a = $1 AND (d) ? 'x' AND e -> 'f' ? 'y'",
                1,
            ),
            ("a = $1 OR b = ?", Sqlite, "a = ? OR b = ?", 2),
            ("a = %s AND d ?| x AND e ? 'y'", Postgres, "a = $1 AND d ?| x AND e ? 'y'", 1),
            ("a = ? AND d ?& x AND e @? 'y'", Postgres, "a = $1 AND d ?& x AND e @? 'y'", 1),
            ("a = ?||'@x.example'", Postgres, "a = $1||'@x.example'", 1),
            ("f$1 = $1::text", Postgres, "f$1 = $1::text", 1),
            ("a = ? AND b = $t$ ? ; $2 $t$", Postgres, "a = $1 AND b = $t$ ? ; $2 $t$", 1),
            // Percent signs.
            ("a = %s AND b LIKE '%%x%%' AND c %% 2", Mysql, "a = ? AND b LIKE '%x%' AND c % 2", 1),
            ("a = ? AND b LIKE '%%x' AND c %% 2", Mysql, "a = ? AND b LIKE '%%x' AND c %% 2", 1),
            ("a = %s AND b LIKE '%x'", Mysql, "a = ? AND b LIKE '%x'", 1),
            ("a = ? AND b %size = 0 AND c % 2", Mysql, "a = ? AND b %size = 0 AND c % 2", 1),
            ("a = %(username)s AND b LIKE '%(username)s'", Mysql, "a = ? AND b LIKE '%(username)s'", 1),
        ] {
            assert_eq!(read(text, database), (written.to_owned(), places), "{text}");
        }
    }

    #[test]
    fn what_is_no_question() {
        for (text, database, at, words) in [
            ("SELECT 1", Postgres, None, "no place for the name"),
            ("", Sqlite, None, "no place for the name"),
            ("-- ?", Sqlite, None, "no place for the name"),
            ("a = '?'", Sqlite, Some(4..7), "no place for the name"),
            ("a = '%s'", Mysql, Some(4..8), "no place for the name"),
            ("a = $1 OR b = $2", Postgres, Some(14..16), "`$2` stands for nothing"),
            ("a = $10", Postgres, Some(4..7), "`$10` stands for nothing"),
            ("a = ?1", Sqlite, Some(4..6), "`?1` stands for nothing"),
            ("a = %(user)s", Mysql, Some(4..12), "`%(user)s` stands for nothing"),
            ("a = ?; DROP TABLE a", Mysql, Some(7..19), "a second statement"),
            ("a = ?; /* x */ ; b", Mysql, Some(17..18), "a second statement"),
            ("a = ?; 'x'", Mysql, Some(7..10), "a second statement"),
            ("a = ? AND b = 'x", Mysql, Some(14..15), "never ends"),
            ("a = $1 OR b = ?", Postgres, Some(14..15), "this `?` is an operator"),
            ("a = ? OR b = $1", Postgres, Some(4..5), "this `?` is an operator"),
            ("a = %s OR b LIKE ?", Postgres, Some(17..18), "this `?` is an operator"),
            ("lower(a) = lower(?) OR b = $1", Postgres, Some(17..18), "this `?` is an operator"),
        ] {
            let wrong = Query::parse(text, database).unwrap_err();
            assert_eq!(wrong.at, at, "{text}");
            assert!(wrong.message.contains(words), "{text}: {}", wrong.message);
        }
    }

    /// Whatever is written: what is read as a question has the same places when it is read again.
    #[test]
    fn what_is_written_is_read_the_same_way() {
        let pieces = "( \\? | \\$1 |'|''|\"|`|\\[|\\]|\\$\\$|\\$a\\$|--|/\\*|\\*/|#|;|\\\\|\n| |a|E|é){0,24}";
        proptest::proptest!(|(text in pieces)| {
            for database in [Postgres, Mysql, Sqlite] {
                let Ok(query) = Query::parse(&text, database) else { continue };
                if database == Postgres {
                    let last = format!("${}", query.places());
                    proptest::prop_assert!(query.text().contains(&last), "{:?} {:?}", text, query);
                } else {
                    let again = Query::parse(query.text(), database);
                    proptest::prop_assert_eq!(again.as_ref(), Ok(&query), "{:?}", text);
                }
            }
        });
    }
}
