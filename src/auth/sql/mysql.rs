//! Questions for MySQL and MariaDB.

use std::time::Duration;

use encoding_rs::{Encoding, UTF_8};
use futures_util::TryStreamExt as _;
use sqlx::encode::{Encode, IsNull};
use sqlx::error::BoxDynError;
use sqlx::mysql::{MySqlConnection, MySqlRow, MySqlTypeInfo};
use sqlx::{
    AssertSqlSafe, Column as _, Decode, Executor as _, MySql, Row as _, SqlSafeStr as _, Statement as _,
    Type, TypeInfo as _, ValueRef as _,
};

use super::json;
use super::line::Described;
use super::postgres::Shape;
use super::row::{Cell, Row};
use super::trouble::Trouble;
use crate::config::backend::sql::Query;
use crate::protocol::attributes::Value;

/// The name as text, in the charset of the connection.
struct Name(Vec<u8>);

impl Type<MySql> for Name {
    fn type_info() -> MySqlTypeInfo {
        <str as Type<MySql>>::type_info()
    }
}

impl Encode<'_, MySql> for Name {
    fn encode_by_ref(&self, buffer: &mut Vec<u8>) -> Result<IsNull, BoxDynError> {
        <Vec<u8> as Encode<'_, MySql>>::encode_by_ref(&self.0, buffer)
    }
}

/// Settings of a connection: nothing is written whatever the question does, and the server gives up by itself
/// after this time, where it can.
pub async fn settle(connection: &mut MySqlConnection, limit: Duration) -> Result<(), sqlx::Error> {
    connection.execute("SET SESSION TRANSACTION READ ONLY").await?;
    // MariaDB has the first, MySQL the second.
    let seconds = format!("SET SESSION max_statement_time = {}", limit.as_secs_f64());
    let milliseconds = format!("SET SESSION max_execution_time = {}", limit.as_millis());
    for setting in [seconds, milliseconds] {
        match connection.execute(AssertSqlSafe(setting)).await {
            Ok(_) => break,
            Err(sqlx::Error::Database(_)) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// The rows of the question for a name, two at most.
pub async fn rows(
    connection: &mut MySqlConnection,
    query: &Query,
    name: &str,
    charset: &'static Encoding,
) -> Result<Vec<Row>, Trouble> {
    let (bytes, _, lost) = charset.encode(name);
    if lost {
        return Err(Trouble::NoSuchName);
    }
    let mut asked = sqlx::query(AssertSqlSafe(query.text().to_owned()));
    for _ in 0..query.places() {
        asked = asked.bind(Name(bytes.to_vec()));
    }
    let mut found = asked.fetch(connection);
    let mut rows = Vec::new();
    while let Some(row) = found.try_next().await.map_err(|error| Trouble::of(&error, name))? {
        rows.push(read(&row, charset).map_err(|error| Trouble::of(&error, name))?);
        if rows.len() == 2 {
            break;
        }
    }
    Ok(rows)
}

/// What the question gives, without asking it.
pub async fn describe(connection: &mut MySqlConnection, query: &Query) -> Result<Described, Trouble> {
    let text = AssertSqlSafe(query.text().to_owned()).into_sql_str();
    let statement = connection.prepare(text).await.map_err(|error| Trouble::of(&error, ""))?;
    let columns = statement.columns().iter().map(|column| column.name().to_owned()).collect();
    let places = statement.parameters().and_then(|places| places.right()).unwrap_or_default();
    Ok(Described { columns, places })
}

fn read(row: &MySqlRow, charset: &'static Encoding) -> Result<Row, sqlx::Error> {
    let columns = row.columns().iter();
    columns.map(|column| Ok((column.name().to_owned(), cell(row, column.ordinal(), charset)?))).collect()
}

fn cell(row: &MySqlRow, at: usize, charset: &'static Encoding) -> Result<Cell, sqlx::Error> {
    let value = row.try_get_raw(at)?;
    // A date of zeros is one that nobody knows.
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let own = value.type_info().into_owned();
    let undecodable = |source| sqlx::Error::ColumnDecode { index: at.to_string(), source };
    let bytes = <&[u8] as Decode<'_, MySql>>::decode(value).map_err(undecodable)?;
    Ok(match own.name() {
        "BOOLEAN" => match bytes {
            [0] => Cell::one(false),
            [1] => Cell::one(true),
            _ => Cell::one(row.try_get_unchecked::<i64, _>(at)?),
        },
        name if name.ends_with(" UNSIGNED") || name == "YEAR" => unsigned(row.try_get_unchecked(at)?),
        "TINYINT" | "SMALLINT" | "MEDIUMINT" | "INT" | "BIGINT" => {
            Cell::one(row.try_get_unchecked::<i64, _>(at)?)
        }
        // The number of few digits that was meant, not the one of many that comes closest to it.
        "FLOAT" => real(row.try_get_unchecked::<f32, _>(at)?.to_string().parse().unwrap_or(f64::NAN)),
        "DOUBLE" => real(row.try_get_unchecked(at)?),
        "DATE" => date(bytes).map_or(Cell::Null, |(day, _)| Cell::one(day)),
        "DATETIME" => date(bytes).map_or(Cell::Null, |(day, time)| Cell::one(format!("{day}T{time}"))),
        // Every connection of ours is in UTC.
        "TIMESTAMP" => date(bytes).map_or(Cell::Null, |(day, time)| Cell::one(format!("{day}T{time}+00:00"))),
        "TIME" => Cell::one(time_span(bytes)),
        "BIT" => bits(bytes, &own),
        "JSON" => json::cell(&String::from_utf8_lossy(bytes), Shape::Plain),
        "DECIMAL" => Cell::one(String::from_utf8_lossy(bytes).into_owned()),
        _ if <str as Type<MySql>>::compatible(&own) => text(bytes, charset, &own),
        _ => Cell::Bytes(bytes.to_vec()),
    })
}

fn unsigned(number: u64) -> Cell {
    i64::try_from(number).map_or_else(|_| Cell::one(number.to_string()), Cell::one)
}

fn real(number: f64) -> Cell {
    Cell::one(number)
}

/// A text; that of a set is a list.
fn text(bytes: &[u8], charset: &'static Encoding, own: &MySqlTypeInfo) -> Cell {
    let text = match charset == UTF_8 {
        true => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => return Cell::Bytes(bytes.to_vec()),
        },
        false => charset.decode_without_bom_handling(bytes).0.into_owned(),
    };
    match has(own, "SET") {
        true => Cell::Values(text.split(',').filter(|one| !one.is_empty()).map(Value::from).collect()),
        false => Cell::one(text),
    }
}

/// Whether a column has a flag. The library keeps flags to itself, and shows them for debugging only; a test on a
/// real server holds us to that.
fn has(own: &MySqlTypeInfo, flag: &str) -> bool {
    let shown = format!("{own:?}");
    let flags = shown.split_once("ColumnFlags(").and_then(|(_, rest)| rest.split_once(')'));
    flags.is_some_and(|(flags, _)| flags.split('|').any(|own| own.trim() == flag))
}

/// One bit is a truth, more are a number.
fn bits(bytes: &[u8], own: &MySqlTypeInfo) -> Cell {
    let number = bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let single = format!("{own:?}").contains("max_size: Some(1)");
    if single { Cell::one(number == 1) } else { unsigned(number) }
}

/// A day and a time of it. In: a length, the year in two bytes, month, day, hour, minute, second, and
/// microseconds in four; what is zero at the end is left out.
fn date(bytes: &[u8]) -> Option<(String, String)> {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let year = u16::from_le_bytes([byte(1), byte(2)]);
    if bytes.len() < 5 {
        return None;
    }
    let day = format!("{year:04}-{:02}-{:02}", byte(3), byte(4));
    let time = format!("{:02}:{:02}:{:02}{}", byte(5), byte(6), byte(7), fraction(bytes, 8));
    Some((day, time))
}

/// A span of time, `-26:03:04.5`. In: a length, whether it is below zero, days in four bytes, hours, minutes,
/// seconds, microseconds in four.
fn time_span(bytes: &[u8]) -> String {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let days = u32::from_le_bytes([byte(2), byte(3), byte(4), byte(5)]);
    let hours = days.saturating_mul(24).saturating_add(u32::from(byte(6)));
    let sign = if byte(1) == 1 { "-" } else { "" };
    format!("{sign}{hours:02}:{:02}:{:02}{}", byte(7), byte(8), fraction(bytes, 9))
}

/// A fraction of a second without zeros at its end, with its dot.
fn fraction(bytes: &[u8], at: usize) -> String {
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let micros = u32::from_le_bytes([byte(at), byte(at + 1), byte(at + 2), byte(at + 3)]);
    let digits = format!("{micros:06}");
    match digits.trim_end_matches('0') {
        "" => String::new(),
        digits => format!(".{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_times() {
        let whole = [11, 0xea, 7, 11, 21, 8, 16, 46, 0x20, 0xa1, 7, 0];
        let both = |day: &str, time: &str| Some((day.to_owned(), time.to_owned()));
        assert_eq!(date(&whole), both("2026-11-21", "08:16:46.5"));
        assert_eq!(date(&whole[..8]), both("2026-11-21", "08:16:46"));
        assert_eq!(date(&whole[..5]), both("2026-11-21", "00:00:00"));
        assert_eq!(date(&[0]), None);
        assert_eq!(time_span(&[0]), "00:00:00");
        assert_eq!(time_span(&[8, 1, 1, 0, 0, 0, 2, 3, 4]), "-26:03:04");
        assert_eq!(time_span(&[12, 0, 0, 0, 0, 0, 2, 3, 4, 1, 0, 0, 0]), "02:03:04.000001");
    }
}
