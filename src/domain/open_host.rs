//! Finds regular expressions that would let in hosts of strangers.
//!
//! Reading the pattern with the eye fails: `^https://.*\.example\.org/` also matches
//! `https://evil.example/.example.org/`, and `^https://wiki\.example\.org.*` matches
//! `https://wiki.example.org.evil.example/`. Trying a few foreign hosts fails as well: a pattern may want
//! five letters, or its own text behind the foreign one. So the automaton of the pattern is asked.
//!
//! **Open** means one of two:
//!
//! 1. There is a matching address in whose *last two labels*, the part that anybody can register, two
//!    neighbouring characters can be chosen: at least `CHOICE` ways for the first, and for each of these
//!    as many for the second, and the address can still be completed without leaving the last two labels.
//!    That is `zq.com`, `zqexample.org` (glued in front of the author's text), `wiki.examplezq` and
//!    `wiki.example.org.zq.com` (behind the author's text). A last label of digits alone does not count:
//!    browsers read such a host as an IPv4 address.
//! 2. It matches one of a few foreign IP addresses (`ADDRESSES`).
//!
//! Closed by this are: hosts without a choice; any choice left of the last two labels
//! (`[^/]+\.meridian\.example`); a short list of hosts; one free character, as of a dot that somebody did
//! not escape (`wiki.meridian.example` also fits `wikixmeridian.example`). Not seen are public suffixes of
//! two labels: `[^/]+\.co\.uk` is closed.
//!
//! What is asked about is the form that patterns are matched with: a host in small letters, perhaps a
//! port, a path. There is no user name, and the host of a web address never ends without a slash. Addresses
//! of other kinds (`imap://`) are not brought into a form: theirs may end with the host.
//!
//! A pattern for the engine that tries and takes back is asked about in its relaxed form, which fits at
//! least as much: what cannot be relaxed counts as open.

use std::collections::{HashMap, HashSet};

use regex_automata::{
    Anchored, Input,
    hybrid::{
        LazyStateID,
        dfa::{Cache, DFA},
    },
    util::start,
};

use super::pattern::WholePattern;

/// From so many ways on, a character is chosen rather than written by the author.
const CHOICE: usize = 5;
/// Most states that are looked at. A pattern with more is called open.
const MOST_STATES: usize = 20_000;
/// Most memory of the automaton in bytes. A pattern that wants more is called open.
const MOST_MEMORY: usize = 6 << 20;
/// Addresses that are nobody's, in several ranges.
const ADDRESSES: [&str; 5] =
    ["198.51.100.213", "203.0.113.86", "192.0.2.147", "93.184.215.14", "[2001:db8::7a71]"];
/// What browsers take in a host besides letters, digits, `-` and `.`. Nobody can register these, but they
/// can stand further left.
const ODD: &[u8] = b"_!$&'()*+,;=`{}~";

/// Schemes of addresses that are no web pages, as far as patterns are asked about them.
const OTHER_SCHEMES: [&str; 18] = [
    "imap",
    "imaps",
    "pop",
    "pop3",
    "pop3s",
    "smtp",
    "smtps",
    "submission",
    "sieve",
    "ldap",
    "ldaps",
    "xmpp",
    "ftp",
    "ftps",
    "sftp",
    "ssh",
    "nntp",
    "cas",
];

/// What a pattern reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reach {
    /// It could match an address at a host that its author does not know.
    pub open: bool,
    /// Web addresses that begin with `http://` get further than that.
    pub http: bool,
    /// The same for `https://`.
    pub https: bool,
    /// There is a web address that it could match.
    pub pages: bool,
    /// It could match a web address without the slash behind the host, which is never asked for.
    pub bare_host: bool,
}

/// Whether the pattern could match an address at a host that its author does not know.
///
/// In: the compiled pattern of a service. Out: `true` also when the question is too large to answer, since
/// such a pattern is for people who say that they mean it.
pub fn is_open(pattern: &WholePattern) -> bool {
    reach(pattern).is_none_or(|reach| reach.open)
}

/// What a pattern reaches; `None` when the question is too large to answer.
pub fn reach(pattern: &WholePattern) -> Option<Reach> {
    let (source, _) = pattern.at_least()?;
    let limits = DFA::config()
        // Only ASCII is asked about, so this needs no giving up.
        .unicode_word_boundary(true)
        .cache_capacity(MOST_MEMORY)
        // States keep their numbers only as long as the cache is never cleared.
        .minimum_cache_clear_count(Some(0));
    let dfa = DFA::builder().configure(limits).build(source).ok()?;
    let mut machine = Machine { cache: dfa.create_cache(), dfa, bare: false };
    let (http, https) = (machine.start("http://")?, machine.start("https://")?);
    let starts: Vec<_> = http.into_iter().chain(https).collect();
    if knows_addresses(&mut machine, &starts)? {
        let (http, https) = (http.is_some(), https.is_some());
        return Some(Reach { open: true, http, https, pages: true, bare_host: false });
    }
    let hosts = Hosts::explore(&mut machine, &starts)?;
    let mut open = hosts.has_choice();
    let bare_host = hosts.states.iter().any(|state| machine.may_stop(*state).unwrap_or(false));

    machine.bare = true;
    let mut others = Vec::new();
    for scheme in OTHER_SCHEMES.into_iter().chain(own_scheme(pattern.source())) {
        others.extend(machine.start(&format!("{scheme}://"))?);
    }
    // For schemes that nobody asked about: who knows which hosts it has.
    open |= starts.is_empty() && others.is_empty() && pattern.source().contains("://");
    open = open
        || (!others.is_empty()
            && (knows_addresses(&mut machine, &others)?
                || Hosts::explore(&mut machine, &others)?.has_choice()));
    let pages = hosts.ends.contains(&true);
    Some(Reach { open, http: http.is_some(), https: https.is_some(), pages, bare_host })
}

/// The scheme that a pattern itself begins with, in small letters.
fn own_scheme(source: &str) -> Option<&str> {
    let (scheme, _) = source.strip_prefix('^')?.split_once("://")?;
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-');
    (!scheme.is_empty() && scheme.bytes().all(plain)).then_some(scheme)
}

/// Whether one of the foreign addresses fits.
fn knows_addresses(machine: &mut Machine, starts: &[LazyStateID]) -> Option<bool> {
    for &start in starts {
        for address in ADDRESSES {
            if let Some(end) = machine.read(start, address.as_bytes())?
                && machine.host_may_end(end)?
            {
                return Some(true);
            }
        }
    }
    Some(false)
}

/// The automaton. In its answers the outer `None` means too large, the inner one that nothing can match
/// any more.
struct Machine {
    dfa: DFA,
    cache: Cache,
    /// An address may end with its host.
    bare: bool,
}

impl Machine {
    fn start(&mut self, front: &str) -> Option<Option<LazyStateID>> {
        let config = start::Config::from_input_forward(&Input::new(front).anchored(Anchored::Yes));
        let state = self.dfa.start_state(&mut self.cache, &config).ok()?;
        self.read(state, front.as_bytes())
    }

    fn step(&mut self, state: LazyStateID, byte: u8) -> Option<Option<LazyStateID>> {
        let next = self.dfa.next_state(&mut self.cache, state, byte).ok()?;
        if next.is_quit() {
            return None;
        }
        Some((!next.is_dead()).then_some(next))
    }

    fn read(&mut self, mut state: LazyStateID, text: &[u8]) -> Option<Option<LazyStateID>> {
        for &byte in text {
            match self.step(state, byte)? {
                Some(next) => state = next,
                None => return Some(None),
            }
        }
        Some(Some(state))
    }

    /// Whether an address that stops here matches.
    fn may_stop(&mut self, state: LazyStateID) -> Option<bool> {
        self.dfa.next_eoi_state(&mut self.cache, state).ok().map(|end| end.is_match())
    }

    /// Whether a match is possible where the host ends here: with a path, or with a port and a path.
    fn host_may_end(&mut self, state: LazyStateID) -> Option<bool> {
        if self.bare && self.may_stop(state)? {
            return Some(true);
        }
        if self.step(state, b'/')?.is_some() {
            return Some(true);
        }
        let mut ports: HashSet<LazyStateID> = self.step(state, b':')?.into_iter().collect();
        for _ in 0..5 {
            let mut longer = HashSet::new();
            for port in ports {
                for digit in b'0'..=b'9' {
                    longer.extend(self.step(port, digit)?);
                }
            }
            for &port in &longer {
                if self.step(port, b'/')?.is_some() || (self.bare && self.may_stop(port)?) {
                    return Some(true);
                }
            }
            ports = longer;
        }
        Some(false)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    Letter,
    /// A digit or `-`.
    Other,
    Dot,
    Odd,
}

/// Characters that the automaton cannot tell apart.
struct Group {
    byte: u8,
    kind: Kind,
    size: usize,
}

fn groups(dfa: &DFA) -> Vec<Group> {
    let letters = (b'a'..=b'z').map(|byte| (byte, Kind::Letter));
    let others = (b'0'..=b'9').chain([b'-']).map(|byte| (byte, Kind::Other));
    let odd = ODD.iter().map(|&byte| (byte, Kind::Odd));
    let mut groups: Vec<Group> = Vec::new();
    let mut known = HashMap::new();
    for (byte, kind) in letters.chain(others).chain(odd).chain([(b'.', Kind::Dot)]) {
        let at = *known.entry((dfa.byte_classes().get(byte), kind)).or_insert(groups.len());
        match groups.get_mut(at) {
            Some(group) => group.size += 1,
            None => groups.push(Group { byte, kind, size: 1 }),
        }
    }
    groups
}

/// A set of states, by their numbers.
type States = Vec<bool>;

/// The automaton between `://` and the end of the host.
#[derive(Default)]
struct Hosts {
    /// Steps that do not lead to nowhere: from, the characters, to.
    steps: Vec<(usize, Kind, usize, usize)>,
    /// The states where the host may end.
    ends: States,
    /// The states themselves.
    states: Vec<LazyStateID>,
}

impl Hosts {
    fn explore(machine: &mut Machine, starts: &[LazyStateID]) -> Option<Self> {
        let groups = groups(&machine.dfa);
        let mut hosts = Self::default();
        let mut numbers = HashMap::new();
        let mut states = Vec::new();
        let mut number = |states: &mut Vec<LazyStateID>, state| {
            *numbers.entry(state).or_insert_with(|| {
                states.push(state);
                states.len() - 1
            })
        };
        for &start in starts {
            number(&mut states, start);
        }
        let mut from = 0;
        while let Some(&state) = states.get(from) {
            if states.len() > MOST_STATES {
                return None;
            }
            hosts.ends.push(machine.host_may_end(state)?);
            for group in &groups {
                if let Some(next) = machine.step(state, group.byte)? {
                    hosts.steps.push((from, group.kind, group.size, number(&mut states, next)));
                }
            }
            from += 1;
        }
        hosts.states = states;
        Some(hosts)
    }

    /// Whether two neighbouring characters of the last two labels can be chosen.
    fn has_choice(&self) -> bool {
        let in_label = |kind| matches!(kind, Kind::Letter | Kind::Other);
        // From where the host can end within this label; the same with a letter on the way; with one more
        // label, which has a letter.
        let last = self.before(self.ends.clone(), in_label);
        let with_letter = self.before(self.one_before(&last, |kind| kind == Kind::Letter), in_label);
        let last_but_one = self.before(self.one_before(&with_letter, |kind| kind == Kind::Dot), in_label);
        let is = |states: &States, at: usize| states.get(at).copied().unwrap_or(false);

        // How many second characters there are, behind a letter and behind anything else.
        let mut seconds = vec![(0, 0); self.ends.len()];
        for &(from, kind, size, to) in self.steps.iter().filter(|step| in_label(step.1)) {
            let anyway = is(&last_but_one, to) || is(&with_letter, to);
            if let Some((behind_letter, behind_other)) = seconds.get_mut(from) {
                *behind_letter += if anyway || is(&last, to) { size } else { 0 };
                *behind_other += if anyway || (kind == Kind::Letter && is(&last, to)) { size } else { 0 };
            }
        }
        let mut firsts = vec![0; self.ends.len()];
        for &(from, kind, size, to) in self.steps.iter().filter(|step| in_label(step.1)) {
            let (behind_letter, behind_other) = seconds.get(to).copied().unwrap_or_default();
            let ways = if kind == Kind::Letter { behind_letter } else { behind_other };
            if let Some(first) = firsts.get_mut(from)
                && ways >= CHOICE
            {
                *first += size;
            }
        }
        firsts.into_iter().any(|ways| ways >= CHOICE)
    }

    /// The states from which one step of some kind leads into a set.
    fn one_before(&self, set: &States, kind: impl Fn(Kind) -> bool) -> States {
        let mut before = vec![false; self.ends.len()];
        for &(from, by, _, to) in &self.steps {
            if let Some(is) = before.get_mut(from) {
                *is |= kind(by) && set.get(to).copied().unwrap_or(false);
            }
        }
        before
    }

    /// The states from which any number of steps of some kind leads into a set.
    fn before(&self, mut set: States, kind: impl Fn(Kind) -> bool) -> States {
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.ends.len()];
        for &(from, by, _, to) in &self.steps {
            if let Some(list) = back.get_mut(to)
                && kind(by)
            {
                list.push(from);
            }
        }
        let mut todo: Vec<usize> = (0..set.len()).filter(|&at| set.get(at) == Some(&true)).collect();
        while let Some(at) = todo.pop() {
            for &from in back.get(at).into_iter().flatten() {
                if let Some(is) = set.get_mut(from)
                    && !*is
                {
                    *is = true;
                    todo.push(from);
                }
            }
        }
        set
    }
}

#[cfg(test)]
mod tests;
