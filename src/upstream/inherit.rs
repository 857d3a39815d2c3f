//! What outlives a change of the files: the way to an institution that stays as it was, with its open
//! connections and the validations under way.

use std::sync::Arc;

use super::{Upstreams, Way};

impl Way {
    /// Whether it leads to the same place, in the same manner, and the same are trusted on it.
    fn is_like(&self, other: &Self) -> bool {
        (&self.url, &self.approach, &self.line.files) == (&other.url, &other.approach, &other.line.files)
    }
}

impl Upstreams {
    /// These, where a way is like a former one the former, with its connections. What was learned of an
    /// institution that is still at the same address, and the seats that are taken there, go on in any case.
    #[must_use]
    pub fn inheriting(mut self, former: &Self) -> Self {
        self.known.inherit(&former.known);
        for (suffix, way) in &mut self.ways {
            if let Some(old) = former.ways.get(suffix).filter(|old| old.is_like(way)) {
                *way = Arc::clone(old);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::domain::choice::Directory;
    use crate::domain::identity::Suffix;
    use crate::domain::provider::{Approach, Provider};

    fn upstreams(list: &[(&str, &str, u64)], further: Option<&Path>) -> Upstreams {
        let providers = list.iter().map(|(suffix, url, timeout_ms)| {
            let approach = Approach { timeout_ms: *timeout_ms, ..Approach::default() };
            let suffix = Suffix::parse(suffix).unwrap();
            Provider { approach, ..Provider::new(suffix, "N", url) }
        });
        Upstreams::new(&Directory::new(providers), further).unwrap()
    }

    fn stays(former: &Upstreams, next: &Upstreams, suffix: &str) -> bool {
        let suffix = Suffix::parse(suffix).unwrap();
        Arc::ptr_eq(&former.ways[&suffix], &next.ways[&suffix])
    }

    #[test]
    fn a_way_goes_on_while_nothing_about_it_changes() {
        let former =
            upstreams(&[("a.example", "https://a.example", 1), ("b.example", "https://b.example", 1)], None);
        let same = [("a.example", "https://a.example", 1), ("b.example", "https://moved.example", 1)];
        let next = upstreams(&same, None).inheriting(&former);
        assert!(stays(&former, &next, "a.example") && !stays(&former, &next, "b.example"));
        let slower = upstreams(&[("a.example", "https://a.example", 2)], None).inheriting(&former);
        assert!(!stays(&former, &slower, "a.example"));
        let none = upstreams(&[], None).inheriting(&former);
        assert!(none.ways.is_empty(), "an institution that is gone");
    }

    #[test]
    fn other_authorities_make_another_way() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        let certificate = || rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap().cert.pem();
        let list = [("a.example", "https://a.example", 1)];
        std::fs::write(&file, certificate()).unwrap();
        let former = upstreams(&list, Some(&file));
        let next = upstreams(&list, Some(&file)).inheriting(&former);
        assert!(stays(&former, &next, "a.example"));
        std::fs::write(&file, certificate()).unwrap();
        let next = upstreams(&list, Some(&file)).inheriting(&former);
        assert!(!stays(&former, &next, "a.example"), "the same name, another content");
    }
}
