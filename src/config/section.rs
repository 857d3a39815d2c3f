//! A table of a file, read key by key. Every getter records what is wrong and goes on, so that one run
//! tells all; [`Section::finish`] tells the keys that nobody asked for.

use std::ops::{Range, RangeInclusive};
use std::rc::Rc;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::duration;
use super::page::{Page, Parsed, Spot, Words};
use super::suggest::closest;

mod further;

/// A value and where it stands.
#[derive(Clone, Debug)]
pub struct Found<'a, T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub spot: Spot<'a>,
}

/// One table, or one that is not there: then every key has its default.
#[derive(Debug)]
pub struct Section<'a> {
    page: Page<'a>,
    entry: Option<Rc<str>>,
    allowed: Rc<[String]>,
    title: String,
    header: Range<usize>,
    table: Option<&'a DeTable<'a>>,
    asked: Vec<&'static str>,
    all_asked: bool,
}

/// What stands for a key.
pub type Value<'a> = &'a Spanned<DeValue<'a>>;

impl<'a> Section<'a> {
    /// The whole of a file.
    pub fn root(file: &'a Parsed<'a>) -> Self {
        Self {
            page: file.page.clone(),
            entry: None,
            allowed: Rc::default(),
            title: "this file".to_owned(),
            header: 0..0,
            table: file.table.as_ref().map(Spanned::get_ref),
            asked: Vec::new(),
            all_asked: false,
        }
    }

    /// Whether the table stands in the file.
    pub fn is_there(&self) -> bool {
        self.table.is_some()
    }

    /// Whether a key stands in it.
    pub fn has(&self, key: &str) -> bool {
        self.table.is_some_and(|table| table.contains_key(key))
    }

    /// The place of the line that begins the table.
    pub fn header(&self) -> Spot<'a> {
        self.spot(self.header.clone())
    }

    fn spot(&self, span: Range<usize>) -> Spot<'a> {
        self.page.spot(span).of(self.entry.clone()).allowing(Rc::clone(&self.allowed))
    }

    fn take(&mut self, key: &'static str) -> Option<(&'a Spanned<DeString<'a>>, Value<'a>)> {
        self.asked.push(key);
        self.table?.get_key_value(key)
    }

    fn wrong(&self, key: &str, wanted: &str, value: Value<'a>) {
        let found = kind(value.get_ref());
        self.spot(value.span()).error(format!("`{key}` must be {wanted}, not {found}"));
    }

    /// A text, also an empty one. Default: `None`.
    fn any_text(&mut self, key: &'static str) -> Option<Found<'a, &'a str>> {
        let (_, value) = self.take(key)?;
        let text = value.get_ref().as_str();
        if text.is_none() {
            self.wrong(key, "text", value);
        }
        Some(Found { value: text?, spot: self.spot(value.span()) })
    }

    /// A text that must be there and not empty.
    pub fn text(&mut self, key: &'static str) -> Option<Found<'a, &'a str>> {
        if self.has(key) {
            return self.opt_text(key);
        }
        self.asked.push(key);
        self.missing(key);
        None
    }

    /// Tells that a key must be there.
    pub fn missing(&self, key: &str) {
        self.missing_one_of(&[key]);
    }

    /// Tells that one of these keys must be there.
    pub fn missing_one_of(&self, keys: &[&str]) {
        let keys: Vec<String> = keys.iter().map(|key| format!("`{key}`")).collect();
        let words = Words::new(format!("{} needs {}", self.title, keys.join(" or ")));
        self.header().tell(match self.is_there() {
            true => words,
            false => words.hint(format!("add the table {}", self.title)),
        });
    }

    /// A text that is not empty. Default: `None`.
    pub fn opt_text(&mut self, key: &'static str) -> Option<Found<'a, &'a str>> {
        let found = self.any_text(key)?;
        if found.value.trim().is_empty() {
            found.spot.error(format!("`{key}` is empty"));
            return None;
        }
        Some(found)
    }

    /// A text; an empty one counts as absent. Default: `None`.
    pub fn filled_text(&mut self, key: &'static str) -> Option<Found<'a, &'a str>> {
        self.any_text(key).filter(|found| !found.value.is_empty())
    }

    /// A text or a truth. Default: `None`.
    pub fn text_or_bool(&mut self, key: &'static str) -> Option<Found<'a, Result<&'a str, bool>>> {
        let (_, value) = self.take(key)?;
        match value.get_ref() {
            DeValue::Boolean(truth) => Some(Found { value: Err(*truth), spot: self.spot(value.span()) }),
            _ => self.opt_text(key).map(|found| Found { value: Ok(found.value), spot: found.spot }),
        }
    }

    /// One of several words. Default: the first.
    pub fn word<T: Copy>(&mut self, key: &'static str, default: T, words: &[(&str, T)]) -> T {
        let Some(found) = self.any_text(key) else { return default };
        if let Some((_, value)) = words.iter().find(|(word, _)| *word == found.value) {
            return *value;
        }
        let known: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
        found.spot.tell(
            Words::new(format!("`{key}` does not know {:?}", found.value))
                .hint(format!("one of {}", known.join(", "))),
        );
        default
    }

    /// A truth.
    pub fn bool(&mut self, key: &'static str, default: bool) -> bool {
        self.opt_bool(key).map_or(default, |found| found.value)
    }

    /// A truth, if it is written down.
    pub fn opt_bool(&mut self, key: &'static str) -> Option<Found<'a, bool>> {
        let (_, value) = self.take(key)?;
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            self.wrong(key, "true or false", value);
        }
        Some(Found { value: truth?, spot: self.spot(value.span()) })
    }

    /// A whole number within bounds.
    pub fn int(&mut self, key: &'static str, default: i64, bounds: RangeInclusive<i64>) -> i64 {
        self.opt_int(key, bounds).map_or(default, |found| found.value)
    }

    /// A whole number within bounds, if it is written down.
    pub fn opt_int(&mut self, key: &'static str, bounds: RangeInclusive<i64>) -> Option<Found<'a, i64>> {
        let (_, value) = self.take(key)?;
        let Some(written) = value.get_ref().as_integer() else {
            self.wrong(key, "a whole number", value);
            return None;
        };
        let spot = self.spot(value.span());
        match i64::from_str_radix(written.as_str(), written.radix()) {
            Ok(value) if bounds.contains(&value) => Some(Found { value, spot }),
            _ => {
                spot.error(format!("`{key}` must be from {} to {}", bounds.start(), bounds.end()));
                None
            }
        }
    }

    /// A time within bounds.
    pub fn duration(
        &mut self,
        key: &'static str,
        default: Duration,
        bounds: RangeInclusive<Duration>,
    ) -> Duration {
        let Some((_, value)) = self.take(key) else { return default };
        self.time(key, value, &bounds).unwrap_or(default)
    }

    /// Seconds, from 1. In: the default in seconds.
    pub fn seconds(&mut self, key: &'static str, default: i64) -> i64 {
        let Some((_, value)) = self.take(key) else { return default };
        self.whole_seconds(key, value).unwrap_or(default)
    }

    /// Seconds, from 1, or a word for none. In: the default in seconds, the word.
    pub fn seconds_or(&mut self, key: &'static str, default: i64, none: &str) -> Option<i64> {
        let Some((_, value)) = self.take(key) else { return Some(default) };
        match value.get_ref().as_str() {
            Some(word) if word == none => None,
            _ => Some(self.whole_seconds(key, value).unwrap_or(default)),
        }
    }

    /// A time within bounds, or a word for none, which is the default.
    pub fn duration_or(
        &mut self,
        key: &'static str,
        none: &str,
        bounds: &RangeInclusive<Duration>,
    ) -> Option<Duration> {
        let (_, value) = self.take(key)?;
        if value.get_ref().as_str() == Some(none) {
            return None;
        }
        self.time(key, value, bounds)
    }

    fn whole_seconds(&self, key: &str, value: Value<'a>) -> Option<i64> {
        let time = self.time(key, value, &(Duration::from_secs(1)..=Duration::MAX))?;
        if time.subsec_nanos() != 0 {
            self.spot(value.span()).error(format!("`{key}` counts whole seconds"));
            return None;
        }
        i64::try_from(time.as_secs()).ok()
    }

    /// A list of times within bounds. Default: `None`.
    pub fn durations(
        &mut self,
        key: &'static str,
        bounds: &RangeInclusive<Duration>,
    ) -> Option<Vec<Duration>> {
        let (_, value) = self.take(key)?;
        let Some(list) = value.get_ref().as_array() else {
            self.wrong(key, "a list of times", value);
            return None;
        };
        Some(list.iter().filter_map(|value| self.time(key, value, bounds)).collect())
    }

    fn time(&self, key: &str, value: Value<'a>, bounds: &RangeInclusive<Duration>) -> Option<Duration> {
        let spot = self.spot(value.span());
        let Some(text) = value.get_ref().as_str() else {
            let found = kind(value.get_ref());
            spot.tell(Words::new(format!("`{key}` is a time: text, not {found}")).hint(duration::EXAMPLES));
            return None;
        };
        let Some(time) = duration::parse(text) else {
            spot.tell(Words::new(format!("`{key}` is no time: {text:?}")).hint(duration::EXAMPLES));
            return None;
        };
        if bounds.contains(&time) {
            return Some(time);
        }
        let (from, to) = (duration::write(*bounds.start()), *bounds.end());
        spot.error(match to {
            Duration::MAX => format!("`{key}` must be {from} or more"),
            to => format!("`{key}` must be from {from} to {}", duration::write(to)),
        });
        None
    }

    /// A list of texts that are not empty. Default: `None`.
    pub fn list(&mut self, key: &'static str) -> Option<Found<'a, Vec<Found<'a, &'a str>>>> {
        let (_, value) = self.take(key)?;
        if !value.get_ref().is_array() {
            self.wrong(key, "a list of texts", value);
            return None;
        }
        self.usable_texts(key, value)
    }

    /// A text or a list of texts. Default: `None`.
    pub fn text_or_list(&mut self, key: &'static str) -> Option<Found<'a, Vec<Found<'a, &'a str>>>> {
        let (_, value) = self.take(key)?;
        self.usable_texts(key, value)
    }

    /// The texts of a value; `None` where all of them have a problem.
    fn usable_texts(&self, key: &str, value: Value<'a>) -> Option<Found<'a, Vec<Found<'a, &'a str>>>> {
        let texts = self.texts(key, value);
        let written = value.get_ref().as_array().is_none_or(|list| !list.is_empty());
        (!texts.is_empty() || !written).then(|| Found { value: texts, spot: self.spot(value.span()) })
    }

    /// The texts of a value: one, or those of a list. Others are recorded.
    pub fn texts(&self, key: &str, value: Value<'a>) -> Vec<Found<'a, &'a str>> {
        let one = std::slice::from_ref(value);
        let list = match value.get_ref() {
            DeValue::Array(list) => list.iter(),
            _ => one.iter(),
        };
        let mut texts = Vec::new();
        for value in list {
            let spot = self.spot(value.span());
            match value.get_ref().as_str() {
                Some(text) if text.trim().is_empty() => spot.error(format!("`{key}` has an empty text")),
                Some(text) => texts.push(Found { value: text, spot }),
                None => self.wrong(key, "text", value),
            }
        }
        texts
    }

    /// A table; one that is not there has defaults only.
    pub fn table(&mut self, key: &'static str) -> Section<'a> {
        let found = self.take(key);
        let title = format!("`[{key}]`");
        let Some((name, value)) = found else { return self.below(title, self.header.clone(), None) };
        match value.get_ref() {
            DeValue::Table(table) => self.below(title, value.span(), Some(table)),
            DeValue::Array(_) => {
                let words = Words::new(format!("there is one `{key}` only"));
                self.spot(name.span()).tell(words.hint(format!("write [{key}]")));
                self.below(title, self.header.clone(), None)
            }
            _ => {
                self.wrong(key, "a table", value);
                self.below(title, self.header.clone(), None)
            }
        }
    }

    /// The tables `[[key]]`. In: the key whose value names an entry to people.
    pub fn tables(&mut self, key: &'static str, named_by: &str) -> Vec<Section<'a>> {
        let Some((name, value)) = self.take(key) else { return Vec::new() };
        let DeValue::Array(list) = value.get_ref() else {
            let words = Words::new(format!("there may be several `{key}`"));
            self.spot(name.span()).tell(words.hint(format!("write [[{key}]]")));
            return Vec::new();
        };
        let mut sections = Vec::new();
        for value in list.iter() {
            let Some(table) = value.get_ref().as_table() else {
                self.wrong(key, "a table", value);
                continue;
            };
            let mut section = self.below(format!("`[[{key}]]`"), value.span(), Some(table));
            let (line, _) = section.header().line_and_column();
            let named = table.get(named_by).and_then(|value| value.get_ref().as_str());
            let named = named.map(|text| format!(" \"{text}\"")).unwrap_or_default();
            if section.entry.is_none() {
                section.entry = Some(format!("{key}{named} (line {line})").into());
            }
            sections.push(section);
        }
        sections
    }

    /// A table that is the value of something else.
    pub fn inline(&self, title: &str, value: Value<'a>) -> Option<Section<'a>> {
        let table = value.get_ref().as_table()?;
        Some(self.below(title.to_owned(), value.span(), Some(table)))
    }

    fn below(&self, title: String, header: Range<usize>, table: Option<&'a DeTable<'a>>) -> Section<'a> {
        Section {
            page: self.page.clone(),
            entry: self.entry.clone(),
            allowed: Rc::clone(&self.allowed),
            title,
            header,
            table,
            asked: Vec::new(),
            all_asked: false,
        }
    }

    /// All keys with their values, in the order of the file: for tables whose keys are free.
    pub fn pairs(&mut self) -> Vec<(Found<'a, &'a str>, Value<'a>)> {
        self.all_asked = true;
        self.in_order()
            .into_iter()
            .map(|(key, value)| {
                let spot = self.spot(key.span());
                (Found { value: key.get_ref().as_ref(), spot }, value)
            })
            .collect()
    }

    /// The place of a value.
    pub fn place(&self, value: Value<'a>) -> Spot<'a> {
        self.spot(value.span())
    }

    fn in_order(&self) -> Vec<(&'a Spanned<DeString<'a>>, Value<'a>)> {
        let mut pairs: Vec<_> = self.table.into_iter().flat_map(DeTable::iter).collect();
        pairs.sort_by_key(|(key, _)| key.span().start);
        pairs
    }

    /// Records every key that was not asked for.
    pub fn finish(self) {
        if self.all_asked {
            return;
        }
        for (key, _) in self.in_order() {
            let word: &str = key.get_ref();
            if self.asked.contains(&word) {
                continue;
            }
            // A slip in the name of a secret, perhaps: its value is nobody's business.
            let words = Words::new(format!("unknown key `{word}`")).secret();
            self.spot(key.span()).tell(match closest(word, self.asked.iter().copied()) {
                Some(meant) => words.mark(format!("did you mean `{meant}`?")),
                None if self.asked.is_empty() => words,
                None => words.hint(format!("{} knows {}", self.title, self.asked.join(", "))),
            });
        }
    }
}

/// A value in words.
pub fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
