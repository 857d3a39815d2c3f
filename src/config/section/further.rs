//! Further kinds of values that a table may have.

use std::rc::Rc;

use toml::de::DeValue;

use super::{Found, Section, closest};
use crate::config::page::{Spot, Words};
use crate::config::problem::CODES;

impl<'a> Section<'a> {
    /// The key `allow`: codes of warnings that are not told from here on in this table. Out: these codes.
    pub fn allow(&mut self) -> Rc<[String]> {
        let mut allowed = Vec::new();
        for found in self.list("allow").into_iter().flat_map(|list| list.value) {
            if CODES.contains(&found.value) {
                allowed.push(found.value.to_owned());
                continue;
            }
            let words = Words::new(format!("there is no warning {:?}", found.value));
            found.spot.tell(match closest(found.value, CODES) {
                Some(meant) => words.mark(format!("did you mean `{meant}`?")),
                None => words.hint("the code of a warning, such as \"W012\""),
            });
        }
        self.allowed = allowed.into();
        Rc::clone(&self.allowed)
    }

    /// Seconds, from 1, if they are written down.
    pub fn opt_seconds(&mut self, key: &'static str) -> Option<i64> {
        let (_, value) = self.take(key)?;
        self.whole_seconds(key, value)
    }

    /// A date, with a time or without, as it is written in TOML or as text. Default: `None`.
    pub fn moment(&mut self, key: &'static str) -> Option<Found<'a, String>> {
        let (_, value) = self.take(key)?;
        let spot = self.spot(value.span());
        match value.get_ref() {
            DeValue::Datetime(written) => Some(Found { value: written.to_string(), spot }),
            DeValue::String(text) => Some(Found { value: text.to_string(), spot }),
            _ => {
                self.wrong(key, "a date", value);
                None
            }
        }
    }

    /// The place of a value; where there is none, that of the line that begins the table.
    pub fn at(&self, key: &str) -> Spot<'a> {
        let value = self.table.and_then(|table| table.get(key));
        value.map_or_else(|| self.header(), |value| self.place(value))
    }

    /// The place of a value, if it is this text. The key counts as asked for.
    pub fn says(&mut self, key: &'static str, text: &str) -> Option<Spot<'a>> {
        let written = self.table.and_then(|table| table.get(key))?;
        (written.get_ref().as_str() == Some(text)).then(|| {
            self.asked.push(key);
            self.place(written)
        })
    }

    /// A text, also an empty one, which means what it says. Default: `None`.
    pub fn whole_text(&mut self, key: &'static str) -> Option<Found<'a, &'a str>> {
        self.any_text(key)
    }
}
