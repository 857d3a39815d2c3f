//! What an entry says in vain, since another key, or another entry, leaves it no effect.

use super::super::page::Words;
use super::super::problem::SAYS_NOTHING;
use super::super::section::{Found, Section};
use crate::domain::provider::{CasVersion, Format, Provider};
use crate::domain::service_rule::Origin;

/// Tells of every such key. In: the entry, and what was read from it.
pub(super) fn tell(section: &Section<'_>, provider: &Provider) {
    let warn = |key, message: &str| section.at(key).tell(Words::warning(SAYS_NOTHING, message));
    let knows_formats = matches!(provider.protocol, CasVersion::V2 | CasVersion::V3);
    if provider.approach.format == Format::Json && !knows_formats {
        warn("format", "`format` says nothing here: only CAS 2.0 and 3.0 can be asked for JSON");
    }
    if provider.passive && provider.approach.renew {
        warn("passive", "`passive` says nothing here: `renew` asks for credentials, which is never silent");
    }
    let mut origins = provider.attributes.iter().flatten().map(|(_, origin)| origin);
    if provider.protocol == CasVersion::V1 && origins.any(|origin| !matches!(origin, Origin::Fixed(_))) {
        warn("attributes", "what is taken from attributes says nothing here: CAS 1.0 tells none");
    }
}

/// Tells of a domain that another institution has too. In: where that stands.
pub(super) fn twin(domain: &Found<'_, &str>, at: &str) {
    let message = format!("two institutions have the domain \"{}\" in `email_domains`", domain.value);
    let words = Words::warning(SAYS_NOTHING, message).mark(format!("also at {at}"));
    domain.spot.tell(words.note("it picks neither of them, unless the service takes only one."));
}
