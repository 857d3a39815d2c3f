//! Every parser, with input that nobody would write: seeds from `fuzz/seeds`, cut, doubled and mixed.
//!
//! The same properties are the targets in `fuzz/`, where they run for as long as somebody likes; here
//! they run with every other test. `PROPTEST_CASES` sets how many inputs each is tried with.

use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, FileFailurePersistence, TestRunner};

use crate::properties::{ALL, Property};

/// Pieces that parsers care about.
const PIECES: &[&[u8]] = &[
    b"%",
    b"%2",
    b"%2e",
    b"%00",
    b"%C3%A9",
    b"%FF",
    b"+",
    b"&",
    b"=",
    b"?",
    b"#",
    b"/",
    b"\\",
    b"@",
    b":",
    b"//",
    b"..",
    b"*",
    b"**",
    b"[",
    b"]",
    b"(",
    b")",
    b"|",
    b"^",
    b"$",
    b".",
    b"\0",
    b"\n",
    b"\r",
    b"\t",
    b" ",
    b"'",
    b"\"",
    b"<",
    b">",
    b"<!--",
    b"-->",
    b"<![CDATA[",
    b"]]>",
    b"&#0;",
    b"&amp;",
    b"&x;",
    b"<!DOCTYPE x>",
    b"<?x?>",
    b"xmlns=\"\"",
    b"cas:",
    b"ticket=",
    b"ticket",
    b"ST-1",
    b"\xc3\xa9",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    b"xn--",
    b"0x7f.1",
    b"127.0.0.1",
    b"[::1]",
    b"EXAMPLE",
    b";",
    b"~",
    b",",
    b"{",
    b"}",
    b"-1",
    b"99999999999999999999",
    b"true",
    b"\"\"\"",
    b"[[service]]",
    b"-----\n",
    b"\x30\x0c\x02\x01\x01\x61\x07",
    b"\x84\x00\x00\x00\x04",
    b"\x30\x80",
];

#[derive(Clone, Debug)]
enum Edit {
    Insert(Index, Index),
    Put(Index, u8),
    Cut(Index, Index),
    Double(Index, Index),
    Mix(Index, Index),
}

fn edit() -> impl Strategy<Value = Edit> {
    let place = any::<Index>;
    prop_oneof![
        4 => (place(), place()).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        1 => (place(), any::<u8>()).prop_map(|(at, byte)| Edit::Put(at, byte)),
        1 => (place(), place()).prop_map(|(from, to)| Edit::Cut(from, to)),
        1 => (place(), place()).prop_map(|(from, to)| Edit::Double(from, to)),
        1 => (place(), place()).prop_map(|(other, at)| Edit::Mix(other, at)),
    ]
}

impl Edit {
    fn apply(&self, data: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let size = data.len() + 1;
        let between = |one: &Index, other: &Index| {
            let (one, other) = (one.index(size), other.index(size));
            one.min(other)..one.max(other)
        };
        match self {
            Self::Insert(at, piece) => {
                let at = at.index(size);
                data.splice(at..at, piece.get(PIECES).iter().copied());
            }
            Self::Put(at, byte) => data.insert(at.index(size), *byte),
            Self::Cut(from, to) => drop(data.drain(between(from, to))),
            Self::Double(from, to) => {
                let piece = data[between(from, to)].to_vec();
                data.extend(piece);
            }
            Self::Mix(other, at) => {
                data.truncate(at.index(size));
                let other = other.get(seeds);
                data.extend_from_slice(&other[other.len() / 2..]);
            }
        }
    }
}

fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(name);
    let entries = std::fs::read_dir(folder).expect("a folder of seeds");
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}

fn holds(name: &str) {
    let (_, property) = ALL.iter().find(|(own, _)| *own == name).expect("a property of that name");
    let property: Property = *property;
    let seeds = seeds(name);
    let accepted = seeds.iter().filter(|seed| property(seed)).count();
    assert!(accepted >= 2, "{name}: of {} seeds only {accepted} are accepted", seeds.len());
    assert!(accepted < seeds.len(), "{name}: no seed is refused");
    let config = Config {
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        max_shrink_iters: 4096,
        ..Config::default()
    };
    let input = (any::<Index>(), vec(edit(), 0..6));
    let tried = TestRunner::new(config).run(&input, |(seed, edits)| {
        let mut data = seed.get(&seeds).clone();
        edits.iter().for_each(|edit| edit.apply(&mut data, &seeds));
        if std::panic::catch_unwind(|| property(&data)).is_err() {
            return Err(TestCaseError::fail(data.escape_ascii().to_string()));
        }
        Ok(())
    });
    tried.unwrap_or_else(|error| panic!("{name}: {error}"));
}

#[test]
fn service_addresses_are_read_as_browsers_read_them() {
    holds("service");
}

#[test]
fn patterns_let_in_no_other_host() {
    holds("pattern");
}

#[test]
fn other_addresses_are_none_that_a_browser_opens() {
    holds("other");
}

#[test]
fn log_out_messages_are_read_as_they_are_written() {
    holds("logout");
}

#[test]
fn answers_in_xml_are_told_on_unchanged() {
    holds("xml");
}

#[test]
fn answers_in_text_are_told_on_unchanged() {
    holds("text");
}

#[test]
fn answers_in_other_tongues_name_somebody() {
    holds("answers");
}

#[test]
fn questions_in_saml_are_answered_with_what_they_say() {
    holds("saml");
}

#[test]
fn parameters_are_read_as_everybody_reads_them() {
    holds("params");
}

#[test]
fn cookies_are_ours_by_their_whole_name() {
    holds("cookies");
}

#[test]
fn tickets_are_never_shown_whole() {
    holds("ticket");
}

#[test]
fn configurations_are_read_or_refused_with_words() {
    holds("config");
}

#[test]
fn questions_to_tables_have_the_same_places_when_they_are_read_again() {
    holds("query");
}

#[test]
fn stored_passwords_are_read_or_refused_and_bounded() {
    holds("stored");
}

#[test]
fn messages_of_directories_are_the_same_in_any_parts() {
    holds("directory");
}

#[test]
fn every_property_is_tried_here_and_has_a_target() {
    let own = include_str!("fuzzed.rs");
    let targets = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/fuzz_targets");
    for (name, _) in ALL {
        assert!(own.contains(&format!("holds(\"{name}\")")), "{name}");
        assert!(targets.join(format!("{name}.rs")).exists(), "{name}");
    }
}
