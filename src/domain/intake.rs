//! What the attributes that an institution tells become here: which are kept, under which names, and which of
//! their values it may say.

use super::never::{is_secret, without_secrets};
use super::provider::{CasVersion, Provider};
use super::rewrite::Budget;
use super::scope::is_in_scope;
use super::service_rule::Origin;
use crate::protocol::attributes::{Attributes, Value};
use crate::protocol::xml::element_name;

/// Names that only the gateway may say: services decide on them.
pub const OURS: [&str; 6] = [
    "authenticationDate",
    "longTermAuthenticationRequestTokenUsed",
    "isFromNewLogin",
    "provider",
    "providerName",
    "backend",
];

/// Attributes of an institution, as they are kept.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenIn {
    /// They, under our names.
    pub attributes: Attributes,
    /// How many values were dropped since their scope is not one of the institution, for each attribute of
    /// `scoped_attributes` that lost any.
    pub out_of_scope: Vec<(String, usize)>,
}

impl Provider {
    /// What its attributes become here: picked, renamed and rewritten as the provider's table says, nothing
    /// that only we may say, no password, whatever it is renamed to, and no scope of somebody else.
    pub fn take_in(&self, theirs: &Attributes) -> TakenIn {
        let mut ours = Attributes::new();
        let mut gate = Gate { provider: self, dropped: Vec::new() };
        match &self.attributes {
            Some(table) => {
                let mut budget = Budget::default();
                for (name, origin) in table {
                    match line(name, origin, theirs, &mut gate, &mut budget) {
                        Some(values) if !values.is_empty() => ours.set(name, values),
                        _ => {}
                    }
                }
            }
            None => {
                for (name, values) in theirs.iter() {
                    let kept = gate.pass(name, values.to_vec());
                    if !kept.is_empty() || values.is_empty() {
                        ours.set(name, kept);
                    }
                }
            }
        }
        TakenIn { attributes: without_ours(ours), out_of_scope: gate.dropped }
    }
}

impl Provider {
    /// Whether it chooses freely what stands under this name of ours: it tells attributes, nothing fixed stands
    /// there, and no value has to end in a scope of its own.
    pub fn may_say(&self, name: &str) -> bool {
        let scoped = |name: &str| {
            !self.scopes.is_empty() && self.scoped_attributes.iter().any(|scoped| is_same(scoped, name))
        };
        let is_told = match &self.attributes {
            None => !scoped(name),
            Some(table) => match table.iter().find(|(own, _)| own == name) {
                Some((_, Origin::Attribute(source))) => !scoped(name) && !scoped(source),
                // What is left of a value may be without its scope.
                Some((_, Origin::Rewritten(..))) => !scoped(name),
                Some((_, Origin::Fixed(_))) | None => false,
            },
        };
        let is_ours = OURS.iter().any(|own| own.eq_ignore_ascii_case(name));
        is_told && !is_ours && self.protocol != CasVersion::V1
    }
}

/// The values of one line of the table.
fn line(
    name: &str,
    origin: &Origin,
    theirs: &Attributes,
    gate: &mut Gate<'_>,
    budget: &mut Budget,
) -> Option<Vec<Value>> {
    let (source, rewriting) = match origin {
        // The words of our operator, not of the institution.
        Origin::Fixed(text) => return Some(vec![Value::Text(text.clone())]),
        Origin::Attribute(source) => (source, None),
        Origin::Rewritten(source, rewriting) => (source, Some(rewriting)),
    };
    if is_secret(source) {
        return None;
    }
    // A scope is looked at under both names: a new name does not make a value theirs to say, and neither does
    // a rewriting that cuts the scope off.
    let values = gate.pass(source, theirs.get(source)?.to_vec());
    let values = rewriting.map_or(values.clone(), |rewriting| rewriting.apply(&values, budget));
    Some(if source == name && rewriting.is_none() { values } else { gate.pass(name, values) })
}

/// Where values with a scope are looked at.
struct Gate<'a> {
    provider: &'a Provider,
    dropped: Vec<(String, usize)>,
}

impl Gate<'_> {
    fn pass(&mut self, name: &str, mut values: Vec<Value>) -> Vec<Value> {
        let Provider { scopes, scoped_attributes, .. } = self.provider;
        let Some(scoped) = scoped_attributes.iter().find(|scoped| is_same(scoped, name)) else {
            return values;
        };
        if scopes.is_empty() {
            return values;
        }
        let before = values.len();
        values.retain(|value| is_in_scope(&value.as_text(), scopes));
        let lost = before - values.len();
        match self.dropped.iter_mut().find(|(known, _)| known == scoped) {
            Some((_, count)) => *count += lost,
            None if lost > 0 => self.dropped.push((scoped.clone(), lost)),
            None => {}
        }
        values
    }
}

/// Whether services could take one attribute for the other: the same element, and not all tell letters from
/// capital ones.
fn is_same(scoped: &str, name: &str) -> bool {
    let element = |name| element_name(name).unwrap_or_default();
    scoped.eq_ignore_ascii_case(name) || element(scoped).eq_ignore_ascii_case(&element(name))
}

/// Attributes from outside: those under a name of ours are renamed `upstream_…`, and those that hold
/// passwords are dropped.
pub fn without_ours(attributes: Attributes) -> Attributes {
    let mut out = Attributes::new();
    for (name, values) in without_secrets(attributes).iter() {
        // Some services read names without regard to case.
        let is_ours = OURS.iter().any(|own| own.eq_ignore_ascii_case(name));
        let name = if is_ours { format!("upstream_{name}") } else { name.to_owned() };
        // Somebody may use the new name already: nothing gets lost.
        for value in values {
            out.push(name.as_str(), value.clone());
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::identity::Suffix;
    use crate::domain::pattern::SearchPattern;
    use crate::domain::rewrite::{Rewriting, Step};

    fn provider(table: Option<Vec<(&str, Origin)>>) -> Provider {
        let suffix = Suffix::parse("north.example").unwrap();
        let attributes =
            table.map(|table| table.into_iter().map(|(name, origin)| (name.to_owned(), origin)).collect());
        Provider { attributes, ..Provider::new(suffix, "North", "https://cas.north.example/cas") }
    }

    fn from(source: &str) -> Origin {
        Origin::Attribute(source.to_owned())
    }

    fn rewritten(source: &str, replace: &str, with: &str) -> Origin {
        let step = Step::new(SearchPattern::new(replace).unwrap(), with).unwrap();
        Origin::Rewritten(source.to_owned(), Rewriting::new(vec![step]))
    }

    fn all(pairs: &[(&str, &str)]) -> Attributes {
        let mut all = Attributes::new();
        for &(name, value) in pairs {
            all.push(name, value);
        }
        all
    }

    fn theirs() -> Attributes {
        let mut theirs =
            all(&[("mail", "ana@north.example"), ("provider", "evil"), ("providerName", "evil")]);
        theirs.push("isFromNewLogin", Value::Bool(true));
        theirs
    }

    fn names(taken: &TakenIn) -> Vec<&str> {
        taken.attributes.iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn without_a_table_all_is_kept_but_our_own_names() {
        let ours = provider(None).take_in(&theirs());
        let renamed = ["upstream_provider", "upstream_providerName", "upstream_isFromNewLogin"];
        assert_eq!(names(&ours)[1..], renamed);
        assert_eq!(names(&ours)[0], "mail");
        let mut twice = theirs();
        twice.push("upstream_provider", "also");
        let ours = provider(None).take_in(&twice).attributes;
        assert_eq!(ours.get("upstream_provider").map(<[_]>::len), Some(2));
    }

    #[test]
    fn a_table_picks_renames_rewrites_and_says() {
        let table = vec![
            ("email", from("mail")),
            ("backend", from("mail")),
            ("host", rewritten("mail", "^.*@", "")),
            ("home", Origin::Fixed("north".to_owned())),
            ("nothing", rewritten("nothing", "x", "y")),
            ("absent", from("absent")),
        ];
        let ours = provider(Some(table)).take_in(&theirs());
        assert_eq!(names(&ours), ["email", "upstream_backend", "host", "home"]);
        assert_eq!(ours.attributes.first_text("host").as_deref(), Some("north.example"));
        assert_eq!(ours.attributes.first_text("home").as_deref(), Some("north"));
        // Nothing is left of a value that costs too much.
        let long = all(&[("mail", &"a".repeat(60_000))]);
        let ours = provider(Some(vec![("email", rewritten("mail", "a", ""))])).take_in(&long);
        assert!(ours.attributes.is_empty());
    }

    #[test]
    fn passwords_do_not_come_in() {
        let mut theirs = theirs();
        theirs.push("userPassword", "x");
        assert!(!provider(None).take_in(&theirs).attributes.contains("userPassword"));
        let table = vec![
            ("note", from("userPassword")),
            ("other", rewritten("userPassword", "x", "y")),
            ("passwd", from("mail")),
            ("pwd", Origin::Fixed("x".to_owned())),
            ("email", from("mail")),
        ];
        assert_eq!(names(&provider(Some(table)).take_in(&theirs)), ["email"]);
    }

    #[test]
    fn values_of_another_scope_are_dropped_and_counted() {
        let mut theirs = all(&[
            ("eduPersonPrincipalName", "ana@south.example"),
            ("eduPersonScopedAffiliation", "staff@north.example"),
            ("eduPersonScopedAffiliation", "member@med.NORTH.example"),
            ("eduPersonScopedAffiliation", "staff@south.example"),
            ("eduPersonScopedAffiliation", "staff"),
            ("mail", "ana@south.example"),
        ]);
        theirs.push("eduPersonScopedAffiliation", 5_i64);
        let taken = provider(None).take_in(&theirs);
        let kept = [Value::from("staff@north.example"), Value::from("member@med.NORTH.example")];
        assert_eq!(taken.attributes.get("eduPersonScopedAffiliation"), Some(&kept[..]));
        assert_eq!(names(&taken), ["eduPersonScopedAffiliation", "mail"]);
        let counts: Vec<_> = taken.out_of_scope.iter().map(|(name, lost)| (name.as_str(), *lost)).collect();
        assert_eq!(counts, [("eduPersonPrincipalName", 1), ("eduPersonScopedAffiliation", 3)]);

        let open = Provider { scopes: Vec::new(), ..provider(None) };
        assert_eq!(open.take_in(&theirs), TakenIn { attributes: theirs.clone(), out_of_scope: Vec::new() });
        let mail = Provider { scoped_attributes: vec!["mail".to_owned()], ..provider(None) };
        assert_eq!(mail.take_in(&theirs).out_of_scope, [("mail".to_owned(), 1)]);
        // A suffix that is no domain says nothing of scopes.
        let bare = Provider::new(Suffix::parse("north").unwrap(), "North", "https://cas.north.example");
        assert_eq!(bare.take_in(&theirs).out_of_scope, []);
    }

    #[test]
    fn no_other_name_gets_a_scope_past() {
        for name in [
            "edupersonprincipalname",
            "EduPersonPrincipalName",
            "eduPersonPrincipal\u{0}Name",
            "eduPersonPrincipalName",
        ] {
            let taken = provider(None).take_in(&all(&[(name, "eve@south.example")]));
            assert!(taken.attributes.is_empty(), "{name:?}");
            assert_eq!(taken.out_of_scope, [("eduPersonPrincipalName".to_owned(), 1)]);
        }
        let theirs = all(&[
            ("eduPersonPrincipalName", "eve@south.example"),
            ("uid", "eve@south.example"),
            ("eduPersonScopedAffiliation", "staff@south.example"),
        ]);
        let table = vec![
            ("eppn", from("eduPersonPrincipalName")),
            ("eduPersonPrincipalName", from("uid")),
            ("affiliation", rewritten("eduPersonScopedAffiliation", "@.*$", "")),
            ("note", from("uid")),
        ];
        let taken = provider(Some(table)).take_in(&theirs);
        assert_eq!(names(&taken), ["note"]);
        assert_eq!(
            taken.out_of_scope,
            [("eduPersonPrincipalName".to_owned(), 2), ("eduPersonScopedAffiliation".to_owned(), 1)]
        );
        // What our operator says needs no scope.
        let table = vec![("eduPersonPrincipalName", Origin::Fixed("guest".to_owned()))];
        assert_eq!(names(&provider(Some(table)).take_in(&theirs)), ["eduPersonPrincipalName"]);
        // A rewriting cannot make a foreign one either.
        let table = vec![("eduPersonPrincipalName", rewritten("uid", "eve@.*", "eve@north.example"))];
        assert_eq!(names(&provider(Some(table)).take_in(&theirs)), ["eduPersonPrincipalName"]);
    }
}
