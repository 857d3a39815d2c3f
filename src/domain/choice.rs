//! Which institutions somebody is offered, and which one they mean.

use std::sync::Arc;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::identity::{Source, Suffix};
use super::provider::Provider;
use super::service_rule::ServiceRule;

/// All institutions, in the order of the page.
#[derive(Clone, Debug, Default)]
pub struct Directory(Vec<Arc<Provider>>);

impl Directory {
    /// Sorts institutions by position, then name, then suffix.
    pub fn new(providers: impl IntoIterator<Item = Provider>) -> Self {
        let mut list: Vec<_> = providers.into_iter().map(Arc::new).collect();
        list.sort_by_cached_key(|p| (p.position, folded(&p.name), p.suffix.clone()));
        Self(list)
    }

    /// The institution of that suffix, without regard to case.
    pub fn find(&self, suffix: &str) -> Option<&Arc<Provider>> {
        self.0.iter().find(|provider| provider.suffix.same_as(suffix))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.0.iter()
    }

    /// All suffixes but one: an institution may not speak for these.
    pub fn suffixes_but<'a>(&'a self, own: &'a Suffix) -> impl Iterator<Item = &'a Suffix> {
        self.0.iter().map(|provider| &provider.suffix).filter(move |suffix| *suffix != own)
    }

    /// The suffixes of all institutions that somebody does not come from: nobody may be written as one of
    /// their people.
    pub fn suffixes_foreign_to<'a>(&'a self, source: &'a Source) -> impl Iterator<Item = &'a Suffix> {
        let own = source.provider();
        self.0
            .iter()
            .map(|provider| &provider.suffix)
            .filter(move |suffix| own.is_none_or(|own| !suffix.same_as(own.as_str())))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The ones on the page for a service: displayed, not switched off, accepted by it.
    pub fn offered(&self, rule: Option<&ServiceRule>) -> Vec<Arc<Provider>> {
        let shown = |p: &&Arc<Provider>| p.display && !p.disabled && accepts(rule, p);
        self.0.iter().filter(shown).cloned().collect()
    }

    /// The institution that an e-mail address or domain tells, if exactly one of those allowed does. A
    /// longer domain is the better one.
    pub fn by_hint(&self, hint: &str, rule: Option<&ServiceRule>) -> Option<&Arc<Provider>> {
        let domain = hint.rsplit_once('@').map_or(hint, |(_, domain)| domain).to_ascii_lowercase();
        let score = |provider: &Arc<Provider>| {
            let domains = provider.email_domains.iter();
            domains.filter(|own| is_or_below(&domain, own)).map(String::len).max()
        };
        let mut best = None;
        for provider in self.0.iter().filter(|p| p.display && !p.disabled && accepts(rule, p)) {
            match (score(provider), best) {
                (Some(new), None) => best = Some((new, Some(provider))),
                (Some(new), Some((old, _))) if new > old => best = Some((new, Some(provider))),
                (Some(new), Some((old, _))) if new == old => best = Some((old, None)),
                _ => {}
            }
        }
        best.and_then(|(_, provider)| provider)
    }
}

/// Whether a service takes accounts of the institution.
pub fn accepts(rule: Option<&ServiceRule>, provider: &Provider) -> bool {
    rule.is_none_or(|rule| rule.accounts.take(&Source::Provider(provider.suffix.clone())))
}

fn is_or_below(domain: &str, parent: &str) -> bool {
    let parent = parent.to_ascii_lowercase();
    domain == parent || domain.strip_suffix(parent.as_str()).is_some_and(|left| left.ends_with('.'))
}

/// The text that a search looks through: name, aliases, suffix, e-mail domains.
pub fn search_text(provider: &Provider) -> String {
    let mut text = format!("{} {} {}", provider.name, spelled_out(&provider.name), provider.suffix);
    for word in provider.aliases.iter().chain(&provider.email_domains) {
        text.push(' ');
        text.push_str(word);
    }
    folded(&text)
}

/// Whether an institution answers a search: all words, in any order; of an address only its domain.
pub fn answers(provider: &Provider, q: &str) -> bool {
    let text = search_text(provider);
    let q = q.trim();
    let words = folded(q.rsplit_once('@').map_or(q, |(_, domain)| domain));
    words.split_whitespace().all(|word| text.contains(word))
}

/// Small letters without accents: what somebody types is compared so.
fn folded(text: &str) -> String {
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// The spelling with two letters that keyboards without these signs use.
fn spelled_out(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.nfc().flat_map(char::to_lowercase) {
        match c {
            'ä' | 'æ' => out.push_str("ae"),
            'ö' => out.push_str("oe"),
            'ü' => out.push_str("ue"),
            'ß' => out.push_str("ss"),
            'ø' => out.push('o'),
            'ł' => out.push('l'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::rules::tests::rule;
    use crate::domain::service_rule::Accounts;

    pub(crate) fn provider(suffix: &str, name: &str) -> Provider {
        let suffix = Suffix::parse(suffix).unwrap();
        Provider::new(suffix, name, "https://cas.example/cas")
    }

    fn suffixes(list: &[Arc<Provider>]) -> Vec<&str> {
        list.iter().map(|provider| provider.suffix.as_str()).collect()
    }

    #[test]
    fn order_and_what_is_offered() {
        let mut first = provider("z.example", "Zed");
        first.position = 1;
        let hidden = Provider { display: false, ..provider("h.example", "Hidden") };
        let off = Provider { disabled: true, ..provider("o.example", "Off") };
        let directory = Directory::new([
            provider("b.example", "École"),
            hidden,
            off,
            first,
            provider("a.example", "Fjord"),
        ]);
        assert_eq!(suffixes(&directory.offered(None)), ["z.example", "b.example", "a.example"]);
        let mut wiki = rule("wiki", 100, "https://w.example/**");
        wiki.accounts = Accounts::new(&["a.example".to_owned(), "h.example".to_owned()]);
        assert_eq!(suffixes(&directory.offered(Some(&wiki))), ["a.example"]);
        assert!(directory.find("H.example").is_some());
    }

    #[test]
    fn searching() {
        let mut lindenau = provider("lindenau.example", "Universität Lindenau");
        lindenau.aliases = vec!["UniLi".to_owned()];
        lindenau.email_domains = vec!["mail.lindenau.example".to_owned()];
        for (q, found) in [
            ("", true),
            ("universitat", true),
            ("universitaet", true),
            ("LINDENAU uni", true),
            ("unili", true),
            ("ana@mail.lindenau.example", true),
            ("ana@other.example", false),
            ("lindenau west", false),
        ] {
            assert_eq!(answers(&lindenau, q), found, "{q}");
        }
        assert!(answers(&provider("d.example", "东湾大学"), "湾大"));
    }

    #[test]
    fn hints_take_the_closest_domain_or_none() {
        let with = |suffix: &str, domain: &str| Provider {
            email_domains: vec![domain.to_owned()],
            ..provider(suffix, suffix)
        };
        let directory = Directory::new([
            with("a.example", "north.example"),
            with("b.example", "med.north.example"),
            with("c.example", "twin.example"),
            with("d.example", "twin.example"),
        ]);
        let hinted = |hint: &str| directory.by_hint(hint, None).map(|p| p.suffix.as_str());
        assert_eq!(hinted("ana@north.example"), Some("a.example"));
        assert_eq!(hinted("ana@x.MED.north.example"), Some("b.example"));
        assert_eq!(hinted("ana@notnorth.example"), None);
        assert_eq!(hinted("twin.example"), None);
    }
}
