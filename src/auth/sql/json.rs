//! Values that come as JSON.

use serde_json::value::RawValue;

use super::postgres::Shape;
use super::row::{Cell, LONGEST};
use crate::protocol::attributes::Value;

/// Most lists in one another that are taken apart. Whoever writes the value decides how deep it is.
const DEEPEST: usize = 8;

/// What a piece of JSON is as the value of a column: lists are several values, objects stay JSON text.
pub fn cell(json: &str, shape: Shape) -> Cell {
    let mut values = Vec::new();
    if shape == Shape::Bytes
        && let Ok(text) = serde_json::from_str::<String>(json)
        && let Some(bytes) = bytes(&text)
    {
        return Cell::Bytes(bytes);
    }
    match json.len() > LONGEST {
        true => values.push(Value::from(json)),
        false => add(json.trim(), shape, DEEPEST, &mut values),
    }
    if values.is_empty() { Cell::Null } else { Cell::Values(values) }
}

/// Adds the values of a piece; lists in lists are one list, as far as they go that deep.
fn add(json: &str, shape: Shape, depth: usize, values: &mut Vec<Value>) {
    match json.bytes().next() {
        Some(b'n') | None => {}
        Some(b't') => values.push(Value::Bool(true)),
        Some(b'f') => values.push(Value::Bool(false)),
        Some(b'"') => values.extend(serde_json::from_str(json).ok().map(|text: String| written(text, shape))),
        Some(b'[') if depth > 0 => match serde_json::from_str::<Vec<&RawValue>>(json) {
            Ok(list) => list.into_iter().for_each(|one| add(one.get(), shape, depth - 1, values)),
            Err(_) => values.push(Value::from(json)),
        },
        Some(b'[' | b'{') => values.push(Value::from(json)),
        Some(_) => values.push(number(json, shape)),
    }
}

fn written(text: String, shape: Shape) -> Value {
    Value::Text(match shape {
        Shape::Padded => text.trim_end_matches(' ').to_owned(),
        Shape::Bytes => bytes(&text).map_or(text, |bytes| {
            use base64::Engine as _;
            base64::engine::general_purpose::STANDARD.encode(bytes)
        }),
        _ => text,
    })
}

/// A number, as text where a number of ours would be another one.
fn number(text: &str, shape: Shape) -> Value {
    let whole = || text.parse().ok().map(Value::Integer);
    let float = || text.parse().ok().filter(|number: &f64| number.is_finite());
    let value = match shape {
        Shape::Exact => None,
        Shape::Float => float().map(Value::Float),
        _ => whole().or_else(|| float().filter(|number| number.to_string() == text).map(Value::Float)),
    };
    value.unwrap_or_else(|| Value::from(text))
}

/// `\x…` as bytes.
fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("\\x")?.as_bytes();
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_value() {
        let text = |text: &str| Value::from(text);
        for (json, shape, values) in [
            ("null", Shape::Plain, vec![]),
            ("true", Shape::Plain, vec![Value::Bool(true)]),
            ("\"a\\nb\"", Shape::Plain, vec![text("a\nb")]),
            ("-7", Shape::Plain, vec![Value::Integer(-7)]),
            ("1.5", Shape::Plain, vec![Value::Float(1.5)]),
            ("1.50", Shape::Plain, vec![text("1.50")]),
            ("18446744073709551616", Shape::Plain, vec![text("18446744073709551616")]),
            ("5", Shape::Exact, vec![text("5")]),
            ("12345678901234567890.10", Shape::Exact, vec![text("12345678901234567890.10")]),
            ("2", Shape::Float, vec![Value::Float(2.0)]),
            ("\"NaN\"", Shape::Float, vec![text("NaN")]),
            ("[1, null, [2, \"x\"]]", Shape::Plain, vec![Value::Integer(1), Value::Integer(2), text("x")]),
            ("[]", Shape::Plain, vec![]),
            ("{\"a\": [1]}", Shape::Plain, vec![text("{\"a\": [1]}")]),
            ("[{\"a\":1}]", Shape::Plain, vec![text("{\"a\":1}")]),
            ("\"ab  \"", Shape::Padded, vec![text("ab")]),
            ("[\"\\\\x00ff\"]", Shape::Bytes, vec![text("AP8=")]),
        ] {
            let expected = if values.is_empty() { Cell::Null } else { Cell::Values(values) };
            assert_eq!(cell(json, shape), expected, "{json}");
        }
        for depth in [DEEPEST + 1, 10_000, 1_000_000] {
            let deep = "[".repeat(depth) + &"]".repeat(depth);
            let Cell::Values(values) = cell(&deep, Shape::Plain) else { panic!("{depth}") };
            assert_eq!(values.len(), 1, "{depth}");
        }
        assert_eq!(cell(&("[".repeat(DEEPEST) + &"]".repeat(DEEPEST)), Shape::Plain), Cell::Null);
        assert_eq!(cell("\"\\\\x00fF\"", Shape::Bytes), Cell::Bytes(vec![0, 255]));
        assert_eq!(cell("\"\\\\x0\"", Shape::Bytes), Cell::one("\\x0"));
    }
}
