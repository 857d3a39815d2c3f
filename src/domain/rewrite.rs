//! Rewriting of attribute values on their way to a service: `{ from, replace, with }`, in steps.

use std::ops::ControlFlow;

use super::pattern::{GaveUp, LONGEST_TEXT, SearchPattern};
use crate::protocol::attributes::Value;

/// Longest text that a step may make, in bytes.
const LONGEST: usize = 64 * 1024;
/// What all rewriting for one release may cost: a byte that is searched costs one.
const BUDGET: usize = 64 * 1024;
/// Highest number of a group that `with` can name.
const HIGHEST: usize = 99;

/// Steps that follow each other on each value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rewriting(Vec<Step>);

/// One step: what is looked for, and what takes its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    replace: SearchPattern,
    with: Vec<Piece>,
}

/// A part of what takes the place of a match.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Group(usize),
}

/// What rewriting may still cost in one release. Whoever is released has chosen how many values there are,
/// and what is in them.
#[derive(Debug)]
pub struct Budget(usize);

impl Default for Budget {
    fn default() -> Self {
        Self(BUDGET)
    }
}

impl Budget {
    /// Errors when there is not as much left; then nothing is.
    fn spend(&mut self, cost: usize) -> Result<(), GaveUp> {
        let left = self.0.checked_sub(cost);
        self.0 = left.unwrap_or(0);
        left.map(|_| ()).ok_or(GaveUp)
    }
}

impl Rewriting {
    /// Takes steps in their order.
    pub fn new(steps: Vec<Step>) -> Self {
        Self(steps)
    }

    /// The values rewritten, as texts; one that is not text in its text form. An empty result stays an
    /// empty value. A value that is too long, whose rewriting takes too many steps or more than is left of
    /// the budget, or that grows beyond bounds is left out: nobody knows what it would have hidden.
    pub fn apply(&self, values: &[Value], budget: &mut Budget) -> Vec<Value> {
        let rewritten = |value: &Value| {
            let first = value.as_text().into_owned();
            self.0.iter().try_fold(first, |text, step| step.apply(&text, budget)).ok().map(Value::Text)
        };
        values.iter().filter_map(rewritten).collect()
    }
}

impl Step {
    /// Compiles a step. In: the pattern, compiled; what takes the place of each match: text with `\1` to
    /// `\99`, `\g<name>`, `\g<1>`, `\n`, `\t` and `\\`. Errors with one sentence about the latter.
    pub fn new(replace: SearchPattern, with: &str) -> Result<Self, String> {
        let with = pieces(with, &replace)?;
        Ok(Self { replace, with })
    }

    fn apply(&self, text: &str, budget: &mut Budget) -> Result<String, GaveUp> {
        if text.len() > LONGEST_TEXT {
            return Err(GaveUp);
        }
        let cost = self.replace.cost();
        budget.spend(text.len() + cost)?;
        let mut out = String::with_capacity(text.len());
        let behind = self.replace.each(text, |before, group| {
            let pieces = self.with.iter().map(|piece| match piece {
                Piece::Text(text) => text.as_str(),
                Piece::Group(number) => group(*number),
            });
            let mut parts = std::iter::once(before).chain(pieces);
            // Behind each match it searches again.
            match budget.spend(cost).and_then(|()| parts.try_for_each(|part| push(&mut out, part))) {
                Ok(()) => ControlFlow::Continue(()),
                Err(GaveUp) => ControlFlow::Break(()),
            }
        })?;
        push(&mut out, behind)?;
        Ok(out)
    }
}

/// Appends, unless that makes it too long.
fn push(out: &mut String, part: &str) -> Result<(), GaveUp> {
    if out.len() + part.len() > LONGEST {
        return Err(GaveUp);
    }
    out.push_str(part);
    Ok(())
}

fn pieces(with: &str, pattern: &SearchPattern) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = with;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let next = escape.chars().next().ok_or(r"`with` ends in a single `\`: write `\\`")?;
        let mut after = escape.get(next.len_utf8()..).unwrap_or_default();
        match next {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            '\\' => text.push('\\'),
            '1'..='9' => {
                let digits = escape.bytes().take(2).take_while(u8::is_ascii_digit).count();
                let (number, behind) = escape.split_at(digits);
                after = behind;
                flush(&mut text, &mut pieces);
                pieces.push(numbered(number, pattern)?);
            }
            'g' => {
                let unfinished = r"`\g` is followed by a group: `\g<name>` or `\g<1>`";
                let (name, behind) =
                    after.strip_prefix('<').and_then(|name| name.split_once('>')).ok_or(unfinished)?;
                after = behind;
                flush(&mut text, &mut pieces);
                pieces.push(named(name, pattern)?);
            }
            other => return Err(format!(r"`with` does not know `\{other}`")),
        }
        rest = after;
    }
    text.push_str(rest);
    flush(&mut text, &mut pieces);
    Ok(pieces)
}

fn flush(text: &mut String, pieces: &mut Vec<Piece>) {
    if !text.is_empty() {
        pieces.push(Piece::Text(std::mem::take(text)));
    }
}

fn numbered(digits: &str, pattern: &SearchPattern) -> Result<Piece, String> {
    let number = digits.parse().ok().filter(|number| *number <= HIGHEST && *number < pattern.groups());
    number.map(Piece::Group).ok_or_else(|| format!("`replace` has no group {digits}"))
}

fn named(name: &str, pattern: &SearchPattern) -> Result<Piece, String> {
    if !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
        return numbered(name, pattern);
    }
    pattern.group(name).map(Piece::Group).ok_or_else(|| format!("`replace` has no group <{name}>"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(replace: &str, with: &str) -> Result<Step, String> {
        Step::new(SearchPattern::new(replace).unwrap(), with)
    }

    fn rewritten(steps: &[(&str, &str)], value: impl Into<Value>) -> Vec<Value> {
        let steps = steps.iter().map(|(replace, with)| step(replace, with).unwrap()).collect();
        Rewriting::new(steps).apply(&[value.into()], &mut Budget::default())
    }

    #[test]
    fn every_match_of_each_step() {
        for (steps, value, expected) in [
            (&[("@.*$", "")][..], "staff@north.example", "staff"),
            (&[("@.*$", "")], "staff", "staff"),
            (&[("a", "b")], "banana", "bbnbnb"),
            (&[("a", "b"), ("b", "c")], "ab", "cc"),
            (&[(".*", "")], "anything", ""),
            (&[("x*", "-")], "abc", "-a-b-c-"),
            (&[(r"(\w+)@(\w+)", r"\2.\1")], "ana@north", "north.ana"),
            (&[(r"(?P<who>\w+)@(?<at>\w+)", r"\g<at>\\\g<who>\g<1>\g<0>")], "a@b", r"b\aaa@b"),
            (&[("(a)|(b)", r"[\1\2]")], "ab", "[a][b]"),
            (&[(",", r"\n\t")], "a,b", "a\n\tb"),
            (&[("(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)(k)", r"\11\10\1x")], "abcdefghijk", "kjax"),
            (&[("é", "e")], "café é", "cafe e"),
            // Of the second engine.
            (&[(r"(?<=a)b", "-")], "abbab", "a-ba-"),
            (&[(r"(\w)\1", r"<\1>")], "aabbc", "<a><b>c"),
            (&[(r"(?!b)\w", "-")], "abc", "-b-"),
            (&[(r"(?=b)", "-")], "abab", "a-ba-b"),
        ] {
            assert_eq!(rewritten(steps, value), [Value::from(expected)], "{steps:?} {value}");
        }
    }

    #[test]
    fn other_values_are_rewritten_as_text() {
        assert_eq!(rewritten(&[("r", "R")], true), [Value::from("tRue")]);
        assert_eq!(rewritten(&[("^1", "2")], 12_i64), [Value::from("22")]);
        assert_eq!(rewritten(&[("x", "y")], 12_i64), [Value::from("12")]);
    }

    #[test]
    fn what_grows_without_end_is_left_out() {
        let doubled = ("(.+)", r"\1\1\1\1\1\1\1\1\1\1\1\1");
        assert_eq!(rewritten(&[doubled; 6], "abc"), []);
        assert_eq!(rewritten(&[(r"(?:(a|aa)(?!b))+(?!c)c", "")], format!("{}c", "a".repeat(60))), []);
    }

    #[test]
    fn long_values_are_left_out() {
        for replace in ["A+@|A", "(?=.*b)a"] {
            for length in [LONGEST_TEXT + 1, 60_000] {
                assert_eq!(rewritten(&[(replace, "")], "a".repeat(length)), [], "{replace} {length}");
            }
        }
        let longest = "a".repeat(LONGEST_TEXT);
        assert_eq!(rewritten(&[("b", "")], longest.clone()), [Value::from(longest.clone())]);
        assert_eq!(rewritten(&[("a", "")], longest.clone()), [Value::from("")]);
        // Between steps it holds too, and what a step makes has its own limit.
        assert_eq!(rewritten(&[("$", "aa"), ("b", "")], longest.clone()), []);
        assert_eq!(rewritten(&[("a", "0123456789abcdefg")], longest), []);
    }

    #[test]
    fn the_budget_is_of_all_values() {
        let rewriting = Rewriting::new(vec![step("x", "y").unwrap()]);
        let values = vec![Value::from("a".repeat(LONGEST_TEXT - 1)); 20];
        let mut budget = Budget::default();
        assert_eq!(rewriting.apply(&values, &mut budget).len(), BUDGET / LONGEST_TEXT);
        assert_eq!(rewriting.apply(&[Value::from("a")], &mut budget), []);
        // A match of the second engine costs more.
        let short = "a".repeat(500);
        assert_eq!(rewritten(&[("(?=a)a", "")], short), [Value::from("")]);
        assert_eq!(rewritten(&[("(?=a)a", "")], "a".repeat(2000)), []);
    }

    #[test]
    fn unknown_groups_and_escapes_are_told() {
        for (replace, with, told) in [
            ("a", r"\1", "`replace` has no group 1"),
            ("(a)", r"\12", "`replace` has no group 12"),
            ("(a)", r"\g<2>", "`replace` has no group 2"),
            ("(?P<x>a)", r"\g<y>", "`replace` has no group <y>"),
            ("a", r"\g<>", "`replace` has no group <>"),
            ("a", r"\g1", r"`\g` is followed by a group: `\g<name>` or `\g<1>`"),
            ("a", r"\g<1", r"`\g` is followed by a group: `\g<name>` or `\g<1>`"),
            ("a", r"\0", r"`with` does not know `\0`"),
            ("a", r"\é", r"`with` does not know `\é`"),
            ("a", r"x\", r"`with` ends in a single `\`: write `\\`"),
        ] {
            assert_eq!(step(replace, with).map(|_| ()), Err(told.to_owned()), "{with}");
        }
    }
}
