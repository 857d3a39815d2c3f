//! What it costs to find the service of an address among many: `cargo bench --bench rules`.
//!
//! The services are a mix: half address patterns of one host, a quarter of all hosts below another, a
//! quarter regular expressions, every twentieth of them with look-around.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a bench stops at what it does not expect")]

use divan::{Bencher, black_box};
use passerelle::config::{Config, Files, Text, Texts};
use passerelle::domain::rules::Rules;
use passerelle::protocol::service::ServiceUrl;

fn main() {
    divan::main();
}

fn service(at: usize) -> String {
    let addresses = match at % 4 {
        0 => format!("url = \"https://app{at}.meridian.example/**\""),
        1 => format!(
            "url = [\"https://many.meridian.example/app{at}/**\", \"https://many.meridian.example/*/x{at}\"]"
        ),
        2 => format!("url = \"https://*.dept{at}.meridian.example/app/**\""),
        _ if at % 20 == 3 => format!(r"pattern = '^https://p{at}\.meridian\.example/(?!admin)[a-z]+(/.*)?$'"),
        _ => format!(r"pattern = '^https://p{at}\.meridian\.example(:\d+)?/(a|b)(/.*)?$'"),
    };
    format!("[[service]]\nname = \"S{at}\"\n{addresses}\n")
}

fn rules(count: usize) -> Rules {
    let main = "[server]\npublic_url = \"https://login.meridian.example/cas\"\n";
    let services: String = (0..count).map(service).collect();
    let texts = Texts {
        main: Text::new("passerelle.toml", main),
        providers: Vec::new(),
        services: vec![Text::new("services.d/all.toml", services)],
        files: Files::Memory(std::collections::BTreeMap::new()),
    };
    let (config, _) =
        Config::read(&texts, &|_| None).unwrap_or_else(|problems| panic!("{}", problems.text(false, "")));
    config.rules
}

const COUNTS: [usize; 3] = [10, 1_000, 10_000];

fn find(bencher: Bencher<'_, '_>, count: usize, address: &str, found: bool) {
    let rules = rules(count);
    let url = ServiceUrl::parse(address).unwrap();
    assert_eq!(rules.first_match(&url).is_some(), found, "{address}");
    bencher.bench_local(|| rules.first_match(black_box(&url)).is_some());
}

/// The worst case: every kind of place is looked at.
#[divan::bench(args = COUNTS)]
fn nothing_matches(bencher: Bencher<'_, '_>, count: usize) {
    find(bencher, count, "https://a.b.c.meridian.example/somewhere/deep/below?x=1&y=2", false);
}

#[divan::bench(args = COUNTS)]
fn nothing_matches_at_a_busy_host(bencher: Bencher<'_, '_>, count: usize) {
    find(bencher, count, "https://many.meridian.example/somewhere/deep/below?x=1&y=2", false);
}

#[divan::bench(args = COUNTS)]
fn an_address_pattern_matches(bencher: Bencher<'_, '_>, count: usize) {
    find(bencher, count, "https://app8.meridian.example/login?next=/x", true);
}

#[divan::bench(args = COUNTS)]
fn a_regular_expression_matches(bencher: Bencher<'_, '_>, count: usize) {
    find(bencher, count, "https://p7.meridian.example/a/login?next=/x", true);
}

#[divan::bench(args = COUNTS)]
fn one_with_look_around_matches(bencher: Bencher<'_, '_>, count: usize) {
    find(bencher, count, "https://p3.meridian.example/users/login?next=/x", true);
}

/// Reading the files and building the index.
#[divan::bench(args = [1_000, 10_000], sample_count = 1, sample_size = 1)]
fn reading_all(count: usize) -> usize {
    rules(count).len()
}
