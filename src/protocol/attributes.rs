//! What is known about a person: names with values, in the order in which they came.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// One value. Directories and JSON answers have types, and a type that got lost does not come back; XML
/// answers give text only.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Bool(bool),
}

impl Value {
    /// The value as XML and templates show it: booleans as `true` and `false`, numbers as text.
    pub fn as_text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Float(number) => Cow::Owned(number.to_string()),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Float(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

/// Names with their values. Order is kept, of names and of values; names are compared byte for byte.
///
/// A short list is searched faster than a map is hashed. It is not bounded here: whoever reads from
/// outside counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Attributes(Vec<(String, Vec<Value>)>);

impl Attributes {
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// One more value of this name.
    pub fn push(&mut self, name: impl AsRef<str> + Into<String>, value: impl Into<Value>) {
        match self.0.iter_mut().find(|(known, _)| known == name.as_ref()) {
            Some((_, values)) => values.push(value.into()),
            None => self.0.push((name.into(), vec![value.into()])),
        }
    }

    /// These values and no others. A name that is there keeps its place.
    pub fn set(&mut self, name: impl AsRef<str> + Into<String>, values: Vec<Value>) {
        match self.0.iter_mut().find(|(known, _)| known == name.as_ref()) {
            Some((_, old)) => *old = values,
            None => self.0.push((name.into(), values)),
        }
    }

    pub fn get(&self, name: &str) -> Option<&[Value]> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, values)| values.as_slice())
    }

    /// The first value as text; `None` also for a name without values.
    pub fn first_text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.get(name)?.first().map(Value::as_text)
    }

    pub fn remove(&mut self, name: &str) -> Option<Vec<Value>> {
        let place = self.0.iter().position(|(known, _)| known == name)?;
        Some(self.0.remove(place).1)
    }

    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &[Value])> {
        self.0.iter().map(|(name, values)| (name.as_str(), values.as_slice()))
    }
}

impl IntoIterator for Attributes {
    type Item = (String, Vec<Value>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => out.serialize_str(text),
            Self::Integer(number) => out.serialize_i64(*number),
            // JSON has no infinity: as a number it would come back as null.
            Self::Float(number) if !number.is_finite() => out.serialize_str(&number.to_string()),
            Self::Float(number) => out.serialize_f64(*number),
            Self::Bool(truth) => out.serialize_bool(*truth),
        }
    }
}

/// `{"mail": ["a@x"], "age": [7]}`: a list also for one value, so that readers need one case.
impl Serialize for Attributes {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(Some(self.0.len()))?;
        for (name, values) in &self.0 {
            map.serialize_entry(name, values)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Attributes {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_map(AttributesVisitor)
    }
}

struct AttributesVisitor;

impl<'de> Visitor<'de> for AttributesVisitor {
    type Value = Attributes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of names with values")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Attributes, A::Error> {
        let mut found = Attributes::new();
        while let Some(name) = map.next_key::<String>()? {
            // Of two programs one reads the first, the other the last.
            if found.contains(&name) {
                return Err(de::Error::custom("an attribute name stands twice"));
            }
            let Values(values) = map.next_value()?;
            found.0.push((name, values));
        }
        Ok(found)
    }
}

/// One value or a list of them; null is no value.
struct Values(Vec<Value>);

impl<'de> Deserialize<'de> for Values {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        input.deserialize_any(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, a boolean or a list of these")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Values, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Values, E> {
        Ok(Values(vec![Value::Text(text)]))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Values, E> {
        Ok(Values(vec![Value::Integer(number)]))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Values, E> {
        // Beyond i64 as text: a float would be another number.
        let value = i64::try_from(number).map_or_else(|_| Value::Text(number.to_string()), Value::Integer);
        Ok(Values(vec![value]))
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Values, E> {
        Ok(Values(vec![Value::Float(number)]))
    }

    fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Values, E> {
        Ok(Values(vec![Value::Bool(truth)]))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Values, E> {
        Ok(Values(Vec::new()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(OneOrNone(value)) = list.next_element()? {
            values.extend(value);
        }
        Ok(Values(values))
    }
}

/// A member of a list: lists do not nest.
struct OneOrNone(Option<Value>);

impl<'de> Deserialize<'de> for OneOrNone {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Member;

        impl<'de> Visitor<'de> for Member {
            type Value = OneOrNone;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text, a number or a boolean")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<OneOrNone, E> {
                Ok(OneOrNone(Some(Value::from(text))))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<OneOrNone, E> {
                Ok(OneOrNone(Some(Value::Integer(number))))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<OneOrNone, E> {
                ValuesVisitor.visit_u64(number).map(|Values(mut one)| OneOrNone(one.pop()))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<OneOrNone, E> {
                Ok(OneOrNone(Some(Value::Float(number))))
            }

            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<OneOrNone, E> {
                Ok(OneOrNone(Some(Value::Bool(truth))))
            }

            fn visit_unit<E: de::Error>(self) -> Result<OneOrNone, E> {
                Ok(OneOrNone(None))
            }
        }

        input.deserialize_any(Member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Attributes {
        let mut all = Attributes::new();
        all.push("zeta", "last name first");
        all.push("mail", "a@x");
        all.push("age", 7_i64);
        all.push("mail", "b@x");
        all.push("height", 1.0);
        all.push("staff", true);
        all.set("none", Vec::new());
        all
    }

    #[test]
    fn keeps_order_and_repeats() {
        let all = sample();
        let names: Vec<_> = all.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["zeta", "mail", "age", "height", "staff", "none"]);
        assert_eq!(all.get("mail"), Some(&[Value::from("a@x"), Value::from("b@x")][..]));
        assert_eq!(all.first_text("mail").as_deref(), Some("a@x"));
        assert_eq!(all.first_text("none"), None);
        assert_eq!(all.first_text("Mail"), None);
        assert_eq!((all.len(), all.is_empty(), all.contains("none")), (6, false, true));
    }

    #[test]
    fn set_and_remove() {
        let mut all = sample();
        all.set("zeta", vec![Value::Bool(false)]);
        assert_eq!(all.iter().next(), Some(("zeta", &[Value::Bool(false)][..])));
        assert_eq!(all.remove("zeta"), Some(vec![Value::Bool(false)]));
        assert_eq!(all.remove("zeta"), None);
    }

    #[test]
    fn values_as_text() {
        for (value, text) in [
            (Value::from("x"), "x"),
            (Value::from(-3_i64), "-3"),
            (Value::from(1.5), "1.5"),
            (Value::from(true), "true"),
            (Value::from(false), "false"),
            (Value::from(""), ""),
        ] {
            assert_eq!(value.as_text(), text);
        }
    }

    #[test]
    fn json_keeps_order_and_types() {
        let json = serde_json::to_string(&sample()).unwrap();
        insta::assert_snapshot!(json, @r#"{"zeta":["last name first"],"mail":["a@x","b@x"],"age":[7],"height":[1.0],"staff":[true],"none":[]}"#);
        assert_eq!(serde_json::from_str::<Attributes>(&json).unwrap(), sample());
    }

    #[test]
    fn json_reads_single_values_and_null() {
        let json = r#"{"a":"x","b":1,"c":-1,"d":2.5,"e":true,"f":null,"g":["x",null,18446744073709551615]}"#;
        let all: Attributes = serde_json::from_str(json).unwrap();
        insta::assert_snapshot!(serde_json::to_string(&all).unwrap(), @r#"{"a":["x"],"b":[1],"c":[-1],"d":[2.5],"e":[true],"f":[],"g":["x","18446744073709551615"]}"#);
    }

    #[test]
    fn json_reads_nothing_else() {
        for json in
            ["[]", "null", "\"x\"", r#"{"a":{"b":1}}"#, r#"{"a":[["x"]]}"#, r#"{"a":1,"a":2}"#, r#"{"a":1"#]
        {
            assert!(serde_json::from_str::<Attributes>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn what_json_cannot_say_is_text() {
        let mut all = Attributes::new();
        all.push("x", f64::INFINITY);
        assert_eq!(serde_json::to_string(&all).unwrap(), r#"{"x":["inf"]}"#);
    }
}
