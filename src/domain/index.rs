//! Finds the first of many services that an address belongs to, without asking each.
//!
//! Address patterns stand in a map by what is exact in them: scheme, host or parent of the host, port;
//! below that by the path. Regular expressions are asked all at once. Both name services in the order in
//! which they are tried, so the answer is the one that asking each in turn would give.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write as _;

use regex::{RegexSet, RegexSetBuilder};

use super::pattern::{GaveUp, SIZE_LIMIT};
use super::service_rule::{Addresses, ServiceRule};
use super::url_pattern::{HostPattern, PathPattern, UrlPattern};
use crate::protocol::service::ServiceUrl;

/// Most patterns in one set.
const MOST_IN_A_SET: usize = 2_500;
/// Memory that one set may use to remember what it has seen.
const MEMORY: usize = 16 << 20;

/// Where to find services, by their place in the order.
#[derive(Clone, Debug, Default)]
pub struct Index {
    /// `https://host:443` and `https://*.parent:443` to what is known of the paths there.
    places: HashMap<String, Paths>,
    patterns: Many,
    /// Patterns that no set can hold, ascending.
    alone: Vec<usize>,
    names: HashMap<String, usize>,
}

impl Index {
    /// Reads services in their order.
    pub fn new<'r>(rules: impl Iterator<Item = &'r ServiceRule>) -> Self {
        let mut places: HashMap<String, PathsBuilder> = HashMap::new();
        let mut patterns = Vec::new();
        let mut index = Self::default();
        for (at, rule) in rules.enumerate() {
            index.names.entry(rule.name.clone()).or_insert(at);
            match &rule.addresses {
                Addresses::Urls(urls) => {
                    for url in urls {
                        places.entry(place_of(url)).or_default().add(&url.path, at);
                    }
                }
                Addresses::Pattern(pattern) => match pattern.at_least() {
                    Some((source, _)) => patterns.push((at, source.to_owned())),
                    None => index.alone.push(at),
                },
            }
        }
        index.places = places.into_iter().map(|(place, paths)| (place, paths.build())).collect();
        index.patterns = Many::new(patterns);
        index
    }

    /// The place of the service of that name.
    pub fn named(&self, name: &str) -> Option<usize> {
        self.names.get(name).copied()
    }

    /// The first service with an address pattern that fits.
    pub fn first_url(&self, service: &ServiceUrl) -> Option<usize> {
        let mut first = None;
        self.at_places(service, |paths| first = least(first, paths.first(service.path())));
        first
    }

    /// All services with an address pattern that fits, ascending.
    pub fn all_urls(&self, service: &ServiceUrl) -> Vec<usize> {
        let mut all = BTreeSet::new();
        self.at_places(service, |paths| paths.all(service.path(), &mut all));
        all.into_iter().collect()
    }

    /// Services with a regular expression that may fit a text, ascending. They must be asked.
    pub fn candidates(&self, text: &str) -> Vec<usize> {
        let mut candidates = self.patterns.all(text);
        if !self.alone.is_empty() {
            candidates.extend(&self.alone);
            candidates.sort_unstable();
        }
        candidates
    }

    /// Calls for what is known of the host of an address, and of each of its parents.
    fn at_places<'i>(&'i self, service: &ServiceUrl, mut see: impl FnMut(&'i Paths)) {
        if self.places.is_empty() {
            return;
        }
        let mut place = String::with_capacity(service.host().len() + 20);
        let mut ask = |wild: &str, host: &str| {
            place.clear();
            write_place(&mut place, service.scheme(), wild, host, service.port());
            if let Some(paths) = self.places.get(&place) {
                see(paths);
            }
        };
        ask("", service.host());
        let mut rest = service.host();
        while let Some((_, parent)) = rest.split_once('.') {
            ask("*.", parent);
            rest = parent;
        }
    }
}

fn least(a: Option<usize>, b: Option<usize>) -> Option<usize> {
    a.into_iter().chain(b).min()
}

fn place_of(url: &UrlPattern) -> String {
    let (wild, host) = match &url.host {
        HostPattern::Exact(host) => ("", host),
        HostPattern::Below(parent) => ("*.", parent),
    };
    let mut place = String::new();
    write_place(&mut place, &url.scheme, wild, host, url.port);
    place
}

fn write_place(out: &mut String, scheme: &str, wild: &str, host: &str, port: Option<u16>) {
    let port = port.unwrap_or_default();
    // Writing to a text cannot fail.
    let _written = write!(out, "{scheme}://{wild}{host}:{port}");
}

/// What is registered at one host. Of several services with the same path the first is kept, but for
/// [`Paths::all`].
#[derive(Clone, Debug, Default)]
struct Paths {
    exact: HashMap<String, Vec<usize>>,
    below: HashMap<String, Vec<usize>>,
    /// How long the paths in `below` are.
    lengths: Vec<usize>,
    stars: Many,
}

#[derive(Default)]
struct PathsBuilder {
    paths: Paths,
    stars: Vec<(usize, String)>,
}

impl PathsBuilder {
    fn add(&mut self, path: &PathPattern, at: usize) {
        match path {
            PathPattern::Exact(own) => self.paths.exact.entry(own.clone()).or_default().push(at),
            PathPattern::Below(own) => self.paths.below.entry(own.clone()).or_default().push(at),
            PathPattern::Stars { regex, .. } => self.stars.push((at, regex.as_str().to_owned())),
        }
    }

    fn build(mut self) -> Paths {
        let lengths: BTreeSet<usize> = self.paths.below.keys().map(String::len).collect();
        self.paths.lengths = lengths.into_iter().collect();
        self.paths.stars = Many::new(self.stars);
        self.paths
    }
}

impl Paths {
    fn first(&self, path: &str) -> Option<usize> {
        let exact = self.exact.get(path).and_then(|list| list.first()).copied();
        let below = self.fronts(path).filter_map(|list| list.first()).copied().min();
        least(least(exact, below), self.stars.all(path).first().copied())
    }

    fn all(&self, path: &str, into: &mut BTreeSet<usize>) {
        into.extend(self.exact.get(path).into_iter().flatten());
        into.extend(self.fronts(path).flatten());
        into.extend(self.stars.all(path));
    }

    /// What is registered below each beginning of a path.
    fn fronts(&self, path: &str) -> impl Iterator<Item = &Vec<usize>> {
        let fitting = self.lengths.iter().take_while(|length| **length <= path.len());
        fitting.filter_map(|length| path.get(..*length)).filter_map(|front| self.below.get(front))
    }
}

/// Many regular expressions of the linear engine, asked all at once.
#[derive(Clone, Debug, Default)]
struct Many(Vec<(RegexSet, Vec<usize>)>);

impl Many {
    /// Takes anchored patterns, each with what it stands for, ascending.
    fn new(patterns: Vec<(usize, String)>) -> Self {
        let mut sets = Vec::new();
        for chunk in patterns.chunks(MOST_IN_A_SET) {
            add_sets(chunk, &mut sets);
        }
        Self(sets)
    }

    /// What the fitting ones stand for, ascending.
    fn all(&self, text: &str) -> Vec<usize> {
        let mut all = Vec::new();
        for (set, at) in &self.0 {
            all.extend(set.matches(text).into_iter().filter_map(|place| at.get(place)));
        }
        all
    }
}

/// One set, or two of the halves where they are too large together.
fn add_sets(patterns: &[(usize, String)], sets: &mut Vec<(RegexSet, Vec<usize>)>) {
    let sources = patterns.iter().map(|(_, source)| source);
    // Each pattern alone is within its limit.
    let limit = SIZE_LIMIT.saturating_mul(if patterns.len() == 1 { 4 } else { 64 });
    match RegexSetBuilder::new(sources).size_limit(limit).dfa_size_limit(MEMORY).build() {
        Ok(set) => sets.push((set, patterns.iter().map(|(at, _)| *at).collect())),
        Err(_) if patterns.len() > 1 => {
            let (left, right) = patterns.split_at(patterns.len() / 2);
            add_sets(left, sets);
            add_sets(right, sets);
        }
        // A pattern that was compiled before is compiled again.
        Err(_) => {}
    }
}

/// Asks one service about an address, as the plain way does: for the candidates, and for tests.
pub fn fits(rule: &ServiceRule, service: &ServiceUrl, text: &str) -> Result<bool, GaveUp> {
    match &rule.addresses {
        Addresses::Urls(patterns) => Ok(patterns.iter().any(|pattern| pattern.matches(service))),
        Addresses::Pattern(pattern) => pattern.try_matches(text),
    }
}
