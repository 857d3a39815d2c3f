//! Questions for a SQLite file.

use futures_util::TryStreamExt as _;
use sqlx::sqlite::{SqliteConnection, SqliteRow};
use sqlx::{
    AssertSqlSafe, Column as _, Executor as _, Row as _, SqlSafeStr as _, Statement as _, TypeInfo as _,
    ValueRef as _,
};

use super::line::Described;
use super::row::{Cell, Row};
use super::trouble::Trouble;
use crate::config::backend::sql::Query;

/// The rows of the question for a name, two at most.
pub async fn rows(connection: &mut SqliteConnection, query: &Query, name: &str) -> Result<Vec<Row>, Trouble> {
    let mut asked = sqlx::query(AssertSqlSafe(query.text().to_owned()));
    for _ in 0..query.places() {
        asked = asked.bind(name.to_owned());
    }
    let mut found = asked.fetch(connection);
    let mut rows = Vec::new();
    while let Some(row) = found.try_next().await.map_err(|error| Trouble::of(&error, name))? {
        rows.push(read(&row).map_err(|error| Trouble::of(&error, name))?);
        if rows.len() == 2 {
            break;
        }
    }
    Ok(rows)
}

/// What the question gives, without asking it.
pub async fn describe(connection: &mut SqliteConnection, query: &Query) -> Result<Described, Trouble> {
    let text = AssertSqlSafe(query.text().to_owned()).into_sql_str();
    let statement = connection.prepare(text).await.map_err(|error| Trouble::of(&error, ""))?;
    let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
    let places = statement.parameters().and_then(|places| places.right()).unwrap_or_default();
    Ok(Described { columns, places })
}

fn read(row: &SqliteRow) -> Result<Row, sqlx::Error> {
    let columns = row.columns().iter();
    columns
        .map(|column| {
            let declared = column.type_info().name() == "BOOLEAN";
            Ok((column.name().to_owned(), cell(row, column.ordinal(), declared)?))
        })
        .collect()
}

/// What stands in a cell: a file has types for each value. In: whether the column is declared as a truth, which
/// the file keeps as a number.
fn cell(row: &SqliteRow, at: usize, truth: bool) -> Result<Cell, sqlx::Error> {
    let value = row.try_get_raw(at)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let stored = value.type_info().name().to_owned();
    drop(value);
    Ok(match stored.as_str() {
        "INTEGER" => match row.try_get_unchecked::<i64, _>(at)? {
            number @ (0 | 1) if truth => Cell::one(number == 1),
            number => Cell::one(number),
        },
        "REAL" => Cell::one(row.try_get_unchecked::<f64, _>(at)?),
        "TEXT" => match String::from_utf8(row.try_get_unchecked(at)?) {
            Ok(text) => Cell::one(text),
            Err(other) => Cell::Bytes(other.into_bytes()),
        },
        _ => Cell::Bytes(row.try_get_unchecked(at)?),
    })
}
