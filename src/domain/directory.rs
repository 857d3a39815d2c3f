//! All institutions: found by suffix and by address, put in order, and made ready to be searched. What takes
//! long with thousands of them is done once, when the files are read.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::choice::accepts;
use super::identity::{Identity, Source, Suffix};
use super::provider::Provider;
use super::search::{SearchText, sort_key};
use super::service_rule::ServiceRule;
use super::switches::{Kind, Switches};
use super::translated::{best_tag, name};

/// Institutions that somebody may choose from, in the order of the plain names.
pub type Offered = Arc<[Arc<Provider>]>;

/// An institution on the page.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The institution.
    pub provider: Arc<Provider>,
    /// What a search looks through.
    pub text: SearchText,
}

/// All institutions.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    listed: Vec<Listed>,
    suffixes: Vec<Suffix>,
    /// Places by suffix in small letters.
    by_suffix: HashMap<String, usize>,
    /// Places by e-mail domain in small letters.
    by_domain: HashMap<String, Vec<usize>>,
    /// Those that are displayed and not switched off.
    shown: Offered,
    /// Places in the order of the names in a language, for each that somebody has a name in.
    orders: Vec<(String, Vec<usize>)>,
}

impl Directory {
    /// Sorts institutions by position, then name, then suffix.
    pub fn new(providers: impl IntoIterator<Item = Provider>) -> Self {
        let mut list: Vec<_> = providers.into_iter().map(Arc::new).collect();
        list.sort_by_cached_key(|provider| place(provider, &provider.name));
        let mut directory = Self {
            suffixes: list.iter().map(|provider| provider.suffix.clone()).collect(),
            shown: list.iter().filter(|provider| provider.display && !provider.disabled).cloned().collect(),
            ..Self::default()
        };
        for (at, provider) in list.iter().enumerate() {
            directory.by_suffix.entry(provider.suffix.as_str().to_ascii_lowercase()).or_insert(at);
            let domains: BTreeSet<_> = provider.email_domains.iter().map(|d| d.to_lowercase()).collect();
            for domain in domains {
                directory.by_domain.entry(domain).or_default().push(at);
            }
        }
        directory.orders = orders(&list);
        let listed = |provider: Arc<Provider>| Listed { text: SearchText::of(&provider), provider };
        directory.listed = list.into_iter().map(listed).collect();
        directory
    }

    /// The same with these switched off beside those that are by the files.
    #[must_use]
    pub fn without(&self, off: &Switches) -> Self {
        if off.is_empty(Kind::Provider) {
            return self.clone();
        }
        Self::new(self.iter().map(|provider| {
            let mut provider = Provider::clone(provider);
            provider.disabled |= off.is_off(Kind::Provider, provider.suffix.as_str());
            provider
        }))
    }

    /// The institution of that suffix, without regard to case.
    pub fn find(&self, suffix: &str) -> Option<&Arc<Provider>> {
        let at = self.by_suffix.get(&suffix.to_ascii_lowercase())?;
        self.listed.get(*at).map(|listed| &listed.provider)
    }

    /// The institution that somebody comes from; `None`: a local account, or it is not in the files any more.
    pub fn of(&self, source: &Source) -> Option<&Arc<Provider>> {
        self.find(source.provider()?.as_str())
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Provider>> {
        self.listed.iter().map(|listed| &listed.provider)
    }

    /// All suffixes but one: an institution may not speak for these.
    pub fn suffixes_but<'a>(&'a self, own: &'a Suffix) -> impl Iterator<Item = &'a Suffix> {
        self.suffixes.iter().filter(move |suffix| *suffix != own)
    }

    /// The suffixes of all institutions that somebody does not come from: nobody may be written as one of
    /// their people.
    pub fn suffixes_foreign_to<'a>(&'a self, source: &'a Source) -> impl Iterator<Item = &'a Suffix> {
        let own = source.provider();
        self.suffixes.iter().filter(move |suffix| own.is_none_or(|own| !suffix.same_as(own.as_str())))
    }

    /// The institution as one of whose people somebody with a local account is written. Nobody signs in under such a
    /// name; it came into the files later than the session.
    pub fn claims(&self, who: &Identity) -> Option<&Suffix> {
        let local = Some(&who.name).filter(|_| who.source.provider().is_none())?;
        self.of_name(local.as_str())
    }

    /// The institution as one of whose people a name is written: what stands behind its last `@`.
    pub fn of_name(&self, name: &str) -> Option<&Suffix> {
        let (_, end) = name.rsplit_once('@')?;
        self.find(end).map(|provider| &provider.suffix)
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.listed.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.listed.is_empty()
    }

    /// Who may be chosen for a service: displayed, not switched off, accepted by it.
    pub fn offered(&self, rule: Option<&ServiceRule>) -> Offered {
        if rule.is_none_or(|rule| rule.accounts.are_all()) {
            return Arc::clone(&self.shown);
        }
        self.shown.iter().filter(|provider| accepts(rule, provider)).cloned().collect()
    }

    /// The same with what a search needs, in the order of a page in `lang`.
    pub fn listed<'a>(
        &'a self,
        rule: Option<&'a ServiceRule>,
        lang: &str,
    ) -> impl Iterator<Item = &'a Listed> {
        let is_on = |p: &Provider| p.display && !p.disabled;
        let order = best_tag(self.orders.iter().map(|(tag, _)| tag.as_str()), lang)
            .and_then(|at| self.orders.get(at))
            .map(|(_, places)| places.as_slice());
        // Without names in that language the list is in order as it is.
        let (sorted, plain) = match order {
            Some(places) => (places, [].as_slice()),
            None => ([].as_slice(), self.listed.as_slice()),
        };
        let all = sorted.iter().filter_map(|&at| self.listed.get(at)).chain(plain);
        all.filter(move |listed| is_on(&listed.provider) && accepts(rule, &listed.provider))
    }

    /// The institution that an e-mail address or domain tells, if exactly one of those allowed does. A
    /// longer domain is the better one.
    pub fn by_hint(&self, hint: &str, rule: Option<&ServiceRule>) -> Option<&Arc<Provider>> {
        let domain = hint.rsplit_once('@').map_or(hint, |(_, domain)| domain).to_lowercase();
        let allowed = |at: &&usize| {
            let provider = self.listed.get(**at).map(|listed| &listed.provider);
            provider.filter(|p| p.display && !p.disabled && accepts(rule, p))
        };
        let mut left = domain.as_str();
        loop {
            let here = self.by_domain.get(left).map_or([].as_slice(), Vec::as_slice);
            let mut found = here.iter().filter_map(|at| allowed(&at));
            match (found.next(), found.next()) {
                (Some(only), None) => return Some(only),
                (Some(_), Some(_)) => return None,
                (None, _) => left = left.split_once('.')?.1,
            }
        }
    }
}

/// Where an institution stands, by one of its names.
fn place(provider: &Provider, name: &str) -> (i64, String, String, Suffix) {
    (provider.position, sort_key(name), name.to_owned(), provider.suffix.clone())
}

fn orders(list: &[Arc<Provider>]) -> Vec<(String, Vec<usize>)> {
    let tags: BTreeSet<&str> =
        list.iter().flat_map(|provider| &provider.translations).map(|(tag, _)| tag.as_str()).collect();
    let order = |tag: &str| {
        let mut keys: Vec<_> =
            list.iter().enumerate().map(|(at, p)| (place(p, name(p, tag).text), at)).collect();
        keys.sort();
        keys.into_iter().map(|(_, at)| at).collect()
    };
    tags.into_iter().map(|tag| (tag.to_owned(), order(tag))).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::domain::name::Name;
    use crate::domain::rules::tests::rule;
    use crate::domain::service_rule::Accounts;

    pub(crate) fn provider(suffix: &str, name: &str) -> Provider {
        let suffix = Suffix::parse(suffix).unwrap();
        Provider::new(suffix, name, "https://cas.example/cas")
    }

    fn suffixes<'a>(list: impl IntoIterator<Item = &'a Arc<Provider>>) -> Vec<&'a str> {
        list.into_iter().map(|provider| provider.suffix.as_str()).collect()
    }

    fn listed<'a>(directory: &'a Directory, rule: Option<&'a ServiceRule>, lang: &str) -> Vec<&'a str> {
        suffixes(directory.listed(rule, lang).map(|listed| &listed.provider))
    }

    #[test]
    fn a_local_name_may_be_that_of_an_institution() {
        let directory = Directory::new([provider("North.example", "North")]);
        let who = |name: &str, source| Identity { name: Name::stored(name), source };
        let desk = || Source::Backend("desk".to_owned());
        let claimed = |who: &Identity| directory.claims(who).map(Suffix::as_str).map(str::to_owned);
        assert_eq!(claimed(&who("bob@north.EXAMPLE", desk())).as_deref(), Some("North.example"));
        for name in ["bob", "bob@south.example", "bob@a.north.example", "north.example"] {
            assert_eq!(claimed(&who(name, desk())), None, "{name}");
        }
        let own = Source::Provider(Suffix::parse("South.example").unwrap());
        assert_eq!(claimed(&who("bob@north.example", own)), None, "written with another suffix behind it");
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
            provider("A.example", "Fjord"),
        ]);
        assert_eq!(suffixes(directory.offered(None).iter()), ["z.example", "b.example", "A.example"]);
        assert_eq!(listed(&directory, None, "en"), ["z.example", "b.example", "A.example"]);
        let mut wiki = rule("wiki", 100, "https://w.example/**");
        wiki.accounts = Accounts::new(&["a.example".to_owned(), "h.example".to_owned()]);
        assert_eq!(suffixes(directory.offered(Some(&wiki)).iter()), ["A.example"]);
        assert_eq!(listed(&directory, Some(&wiki), "en"), ["A.example"]);
        assert_eq!(suffixes(directory.find("H.example")), ["h.example"]);
        assert_eq!(suffixes(directory.find("a.EXAMPLE")), ["A.example"]);
        assert!(directory.find("none.example").is_none() && directory.find("").is_none());
    }

    #[test]
    fn letters_with_accents_stand_beside_those_without() {
        let names = ["Zoo", "Öland", "Alb", "Älv", "ålesund", "Łódź", "Lyon", "Ècole", "Eber", "Ohm", "“Em”"];
        let directory =
            Directory::new(names.iter().enumerate().map(|(at, name)| provider(&format!("s{at}"), name)));
        let sorted: Vec<_> = directory.iter().map(|provider| provider.name.as_str()).collect();
        assert_eq!(
            sorted,
            ["Alb", "ålesund", "Älv", "Eber", "Ècole", "“Em”", "Łódź", "Lyon", "Ohm", "Öland", "Zoo"]
        );
    }

    #[test]
    fn the_page_is_in_the_order_of_its_names() {
        let vienna = Provider {
            translations: vec![("de".to_owned(), "Wien".to_owned())],
            ..provider("a.example", "Vienna")
        };
        let first = Provider { position: 1, ..provider("c.example", "Zürich") };
        let directory = Directory::new([vienna, provider("b.example", "Vilnius"), first]);
        assert_eq!(listed(&directory, None, "en"), ["c.example", "a.example", "b.example"]);
        assert_eq!(listed(&directory, None, "de-AT"), ["c.example", "b.example", "a.example"]);
    }

    #[test]
    fn hints_take_the_closest_domain_or_none() {
        let with = |suffix: &str, domain: &str| Provider {
            email_domains: vec![domain.to_owned()],
            ..provider(suffix, suffix)
        };
        let directory = Directory::new([
            with("a.example", "North.example"),
            with("b.example", "med.north.example"),
            with("c.example", "twin.example"),
            with("d.example", "twin.example"),
        ]);
        let hinted = |hint: &str| directory.by_hint(hint, None).map(|p| p.suffix.as_str());
        assert_eq!(hinted("ana@north.example"), Some("a.example"));
        assert_eq!(hinted("ana@x.MED.north.example"), Some("b.example"));
        assert_eq!(hinted("ana@notnorth.example"), None);
        assert_eq!(hinted("twin.example"), None);
        assert_eq!(hinted("x.twin.example"), None);
        assert_eq!((hinted("@"), hinted(""), hinted("example")), (None, None, None));
        // Of two that share a domain the one that the service takes.
        let mut wiki = rule("wiki", 100, "https://w.example/**");
        wiki.accounts = Accounts::new(&["d.example".to_owned(), "a.example".to_owned()]);
        assert_eq!(suffixes(directory.by_hint("twin.example", Some(&wiki))), ["d.example"]);
        assert_eq!(suffixes(directory.by_hint("x.med.north.example", Some(&wiki))), ["a.example"]);
    }
}
