//! Questions for PostgreSQL.

use std::fmt;
use std::time::Duration;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::postgres::types::Oid;
use sqlx::postgres::{PgArgumentBuffer, PgConnection, PgStatement, PgTypeInfo, PgTypeKind};
use sqlx::{
    AssertSqlSafe, Column as _, Executor as _, Postgres, SqlSafeStr as _, Statement as _, Type, TypeInfo as _,
};

use super::json;
use super::line::Described;
use super::row::{Cell, Row};
use super::trouble::Trouble;
use crate::config::backend::sql::Query;

/// The name without a type: what it is compared with decides, as if it stood there as text.
struct Name(String);

impl Type<Postgres> for Name {
    fn type_info() -> PgTypeInfo {
        PgTypeInfo::with_oid(Oid(0))
    }
}

impl Encode<'_, Postgres> for Name {
    fn encode_by_ref(&self, buffer: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
        <&str as Encode<'_, Postgres>>::encode_by_ref(&self.0.as_str(), buffer)
    }
}

/// How a column is written in JSON, and what that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As it looks.
    Plain,
    /// A number with all its digits.
    Exact,
    /// A floating-point number.
    Float,
    /// Bytes as `\x…`.
    Bytes,
    /// A text that is filled up with blanks.
    Padded,
}

/// The columns of a question, as a connection keeps them where the library does not know one of their types.
pub type Columns = Vec<(String, Shape)>;

/// The rows of the question for a name, two at most. In: after how long the server gives up by itself, and what the
/// connection keeps of its columns.
pub async fn rows(
    connection: &mut PgConnection,
    query: &Query,
    name: &str,
    limit: Duration,
    kept: &mut Option<Columns>,
) -> Result<Vec<Row>, Trouble> {
    if name.contains('\0') {
        return Err(Trouble::NoSuchName);
    }
    let sort = |error: sqlx::Error| Trouble::of(&error, name);
    // Settings of a transaction, not of the connection: with a pooler the next user of it would have them too.
    let begin = format!("BEGIN READ ONLY; SET LOCAL statement_timeout = {}", limit.as_millis());
    connection.execute(AssertSqlSafe(begin)).await.map_err(sort)?;
    let described = match kept {
        Some(_) => None,
        None => prepare(connection, query.text(), query.places(), name).await?,
    };
    // `to_jsonb` and a row of the protocol both lose something: the first of two columns of one name, or types.
    let text = format!(
        "SELECT pg_catalog.row_to_json(passerelle_row)::pg_catalog.text FROM (\n{}\n) AS passerelle_row LIMIT 2",
        query.text()
    );
    if described.is_none() && kept.is_none() {
        prepare(connection, &text, query.places(), name).await?;
    }
    let mut asked = sqlx::query_scalar::<_, String>(AssertSqlSafe(text));
    for _ in 0..query.places() {
        asked = asked.bind(Name(name.to_owned()));
    }
    let rows = asked.fetch_all(&mut *connection).await.map_err(sort)?;
    let columns = match (described, rows.first()) {
        (Some(described), _) => columns(&described),
        (None, None) => Columns::new(),
        (None, Some(first)) => match kept {
            Some(kept) => kept.clone(),
            None => kept.insert(asked_for_types(connection, query, name, first).await?).clone(),
        },
    };
    connection.execute("ROLLBACK").await.map_err(sort)?;
    let shapes: Vec<_> = columns.iter().map(|(name, shape)| (name.as_str(), *shape)).collect();
    rows.iter().map(|json| read(json, &shapes)).collect()
}

fn columns(described: &PgStatement) -> Columns {
    described.columns().iter().map(|column| (column.name().to_owned(), shape(column.type_info()))).collect()
}

/// The columns of a row that there is, of which the server tells the types by their numbers.
async fn asked_for_types(
    connection: &mut PgConnection,
    query: &Query,
    name: &str,
    row: &str,
) -> Result<Columns, Trouble> {
    let Pairs(pairs) = pairs(row)?;
    let places: Vec<String> = (1..=pairs.len()).map(|place| format!("passerelle_{place}")).collect();
    let types: Vec<String> =
        places.iter().map(|place| format!("pg_catalog.pg_typeof({place})::pg_catalog.oid")).collect();
    let text = format!(
        "SELECT ARRAY[{}]::pg_catalog.int8[] FROM (\n{}\n) AS passerelle_row({}) LIMIT 1",
        types.join(", "),
        query.text(),
        places.join(", ")
    );
    let mut asked = sqlx::query_scalar::<_, Vec<i64>>(AssertSqlSafe(text));
    for _ in 0..query.places() {
        asked = asked.bind(Name(name.to_owned()));
    }
    let types = asked.fetch_optional(connection).await.map_err(|error| Trouble::of(&error, name))?;
    let names = pairs.into_iter().map(|(name, _)| name);
    let shapes =
        types.unwrap_or_default().into_iter().map(|own| of_number(u32::try_from(own).unwrap_or_default()));
    Ok(names.zip(shapes).collect())
}

/// What the question gives, without asking it.
pub async fn describe(connection: &mut PgConnection, query: &Query) -> Result<Described, Trouble> {
    let statement = prepare(connection, query.text(), query.places(), "").await?;
    // Where a type is unknown, a row shows them.
    let columns = statement.as_ref().map(columns).unwrap_or_default();
    let columns = columns.into_iter().map(|(name, _)| name).collect();
    Ok(Described { columns, places: query.places() })
}

/// Prepares a question, once for each connection. Out: `None` where it gives a type of which the library does not
/// know the kind, such as a multirange. Errors also where the name cannot be handed over as text.
async fn prepare(
    connection: &mut PgConnection,
    text: &str,
    places: usize,
    name: &str,
) -> Result<Option<PgStatement>, Trouble> {
    let untyped = vec![PgTypeInfo::with_oid(Oid(0)); places];
    let text = AssertSqlSafe(text.to_owned()).into_sql_str();
    let statement = match connection.prepare_with(text, &untyped).await {
        Err(sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_)) => return Ok(None),
        prepared => prepared.map_err(|error| Trouble::of(&error, name))?,
    };
    let types = statement.parameters().and_then(|types| types.left()).unwrap_or_default();
    match types.iter().find(|own| !is_text(own)) {
        None => Ok(Some(statement)),
        Some(other) => Err(Trouble::Refused(format!(
            "`query` compares the name with something of the type {other}; make it text there, as in `id::text = ?`"
        ))),
    }
}

/// Whether a text can be handed over as this type.
fn is_text(own: &PgTypeInfo) -> bool {
    match own.kind() {
        PgTypeKind::Simple => {
            matches!(own.oid(), Some(Oid(18 | 19 | 25 | 705 | 1042 | 1043)))
                || own.name().eq_ignore_ascii_case("citext")
        }
        PgTypeKind::Enum(_) => true,
        PgTypeKind::Domain(base) => is_text(base),
        _ => false,
    }
}

fn shape(own: &PgTypeInfo) -> Shape {
    match own.kind() {
        PgTypeKind::Array(of) | PgTypeKind::Domain(of) => shape(of),
        _ => own.oid().map_or(Shape::Plain, |Oid(number)| of_number(number)),
    }
}

/// By the number of a type, or of its list.
fn of_number(number: u32) -> Shape {
    match number {
        17 | 1001 => Shape::Bytes,
        700 | 701 | 1021 | 1022 => Shape::Float,
        1042 | 1014 => Shape::Padded,
        1700 | 1231 => Shape::Exact,
        _ => Shape::Plain,
    }
}

fn pairs(json: &str) -> Result<Pairs, Trouble> {
    serde_json::from_str(json).map_err(|_| Trouble::Refused("a row cannot be read".to_owned()))
}

/// Reads a row of JSON. Errors where its columns are not those that were described: the table has changed.
fn read(json: &str, shapes: &[(&str, Shape)]) -> Result<Row, Trouble> {
    let Pairs(pairs) = pairs(json)?;
    let changed = || Trouble::Lost("the columns have changed since the question was prepared".to_owned());
    if pairs.len() != shapes.len() {
        return Err(changed());
    }
    let mut row = Row::new();
    for ((name, value), (described, shape)) in pairs.into_iter().zip(shapes) {
        if name != *described {
            return Err(changed());
        }
        let cell: Cell = json::cell(value.get(), *shape);
        row.push((name, cell));
    }
    Ok(row)
}

/// An object with all of its members, also those of one name.
struct Pairs(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }

        input.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::attributes::Value;

    #[test]
    fn columns_of_one_name_stay_apart() {
        let shapes = [("a", Shape::Plain), ("a", Shape::Plain)];
        let row = read(r#"{"a":1,"a":"x"}"#, &shapes).unwrap();
        let seen: Vec<_> = row.into_iter().map(|(_, cell)| cell).collect();
        assert_eq!(seen, [Cell::one(Value::Integer(1)), Cell::one("x")]);
    }

    #[test]
    fn a_table_that_changed_is_asked_again() {
        for json in [r#"{"a":1}"#, r#"{"a":1,"c":2}"#] {
            let read = read(json, &[("a", Shape::Plain), ("b", Shape::Plain)]);
            assert!(matches!(read, Err(Trouble::Lost(_))), "{json}");
        }
    }
}
