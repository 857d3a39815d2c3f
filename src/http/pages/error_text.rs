//! What an error says: five parts in one order. What happened, whose side it is on, what was not
//! done, what to do, and (on the page) reference and contact.

use fluent_templates::fluent_bundle::FluentValue;

use crate::http::lang::{Lang, UNNAMED};

use super::Sentence;

/// What the texts may name. Empty: not known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Facts<'a> {
    pub site: &'a str,
    /// As registered.
    pub service: &'a str,
    /// As registered; empty for a local account.
    pub institution: &'a str,
    /// Where its people get help: `mailto:` or `https:`.
    pub institution_help: &'a str,
    pub attribute: &'a str,
    /// `mailto:` or `https:`, and how it is written.
    pub help_href: &'a str,
    pub help_text: &'a str,
    /// Nothing is offered to sign in with.
    pub no_way: bool,
    /// There is no other institution or account to choose.
    pub no_other: bool,
}

/// The words of one error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorText {
    pub headline: String,
    pub side: String,
    pub undone: String,
    pub steps: Vec<Sentence>,
    /// `bad`: the way is closed. `warn`: it may open again by itself.
    pub mark: &'static str,
}

/// The keys of one error.
struct Script {
    headline: &'static str,
    side: &'static str,
    undone: &'static str,
    mark: &'static str,
    steps: &'static [&'static str],
}

/// The sentence with the contact; it ends every list.
const REPORT: &str = "step-report";

/// The words for a code of the error table. A code without words of its own is ours to repair and
/// reads like `server.error`.
pub fn error_text(lang: &Lang, code: &str, facts: &Facts<'_>) -> ErrorText {
    let script = script(code, facts);
    let or_unnamed = |name| FluentValue::from(if str::is_empty(name) { UNNAMED } else { name });
    let args = [
        ("site", facts.site.into()),
        ("service", or_unnamed(facts.service)),
        ("institution", or_unnamed(facts.institution)),
        ("attribute", facts.attribute.into()),
    ];
    let help = (facts.help_href, facts.help_text);
    let desk = (facts.institution_help, facts.institution);
    let step = |key: &&'static str| match *key {
        "step-institution-desk" | "step-own-desk" if !desk.0.is_empty() && !desk.1.is_empty() => {
            Sentence::with_link(lang, key, "institution", desk, &args)
        }
        key => Sentence::with_link(lang, key, "help", help, &args),
    };
    ErrorText {
        headline: lang.tell(script.headline, &args),
        side: lang.tell(script.side, &args),
        undone: lang.say(script.undone),
        steps: script.steps.iter().chain(std::iter::once(&REPORT)).map(step).collect(),
        mark: script.mark,
    }
}

fn script(code: &str, facts: &Facts<'_>) -> Script {
    match code.split_once('.').map_or(code, |(group, _)| group) {
        "service" if facts.no_way => no_way(),
        "provider" if facts.no_other && code == "provider.disabled" => {
            Script { steps: &["step-later"], ..institution(code) }
        }
        "service" => service(code),
        "provider" | "upstream" => institution(code),
        _ => other(code),
    }
}

/// The service may not, or this person may not go there.
fn service(code: &str) -> Script {
    let closed =
        |headline, side, steps| Script { headline, side, undone: "undone-nothing", mark: "bad", steps };
    match code {
        "service.not_registered" => closed(
            "error-service-not-registered",
            "error-service-not-registered.side",
            &["step-imitation", "step-home-page"],
        ),
        "service.not_https" => {
            closed("error-service-not-https", "error-service-not-https.side", &["step-home-page"])
        }
        "service.disabled" => Script {
            mark: "warn",
            ..closed("error-service-disabled", "error-service-disabled.side", &["step-when"])
        },
        "service.user_not_allowed" => closed(
            "error-service-user",
            "error-service-user.side",
            &["step-other-account", "step-ask-service"],
        ),
        "service.filter" => closed(
            "error-service-filter",
            "error-service-filter.side",
            &["step-other-account", "step-ask-service"],
        ),
        "service.attribute_missing" => {
            closed("error-service-attribute", "error-service-attribute.side", &["step-own-desk"])
        }
        "service.provider_not_allowed" => closed(
            "error-service-provider",
            "error-service-provider.side",
            &["step-other-account", "step-ask-service"],
        ),
        "service.malformed" => {
            closed("error-service-malformed", "error-service-malformed.side", &["step-home-page"])
        }
        _ => ours(),
    }
}

/// Nobody can sign in, whoever comes: it is not the account that is refused.
fn no_way() -> Script {
    Script {
        headline: "error-service-no-way",
        side: "error-service-no-way.side",
        undone: "undone-nothing",
        mark: "warn",
        steps: &["step-later"],
    }
}

/// The institution is not there, or what it said is of no use.
fn institution(code: &str) -> Script {
    let pending =
        |headline, side, steps| Script { headline, side, undone: "undone-signed-in", mark: "warn", steps };
    match code {
        "provider.unknown" => Script {
            headline: "error-provider-unknown",
            side: "error-provider-unknown.side",
            undone: "undone-nothing",
            mark: "bad",
            steps: &["step-choose"],
        },
        "provider.disabled" => pending(
            "error-provider-disabled",
            "error-provider-disabled.side",
            &["step-later", "step-other-institution"],
        ),
        "upstream.timeout" | "upstream.unreachable" | "upstream.tls" | "upstream.http" => pending(
            "error-upstream-silent",
            "error-upstream-silent.side",
            &["step-later", "step-institution-desk"],
        ),
        "upstream.ticket_rejected" => pending(
            "error-upstream-rejected",
            "error-upstream-rejected.side",
            &["step-once-more", "step-institution-desk"],
        ),
        "upstream.bad_answer" | "upstream.too_large" | "upstream.username_invalid" => pending(
            "error-upstream-answer",
            "error-upstream-answer.side",
            &["step-once-more", "step-institution-desk"],
        ),
        "upstream.loop" => pending(
            "error-upstream-loop",
            "error-upstream-loop.side",
            &["step-choose", "step-institution-desk"],
        ),
        "upstream.state_lost" => {
            pending("error-upstream-lost", "error-upstream-lost.side", &["step-start", "step-cookies"])
        }
        _ => ours(),
    }
}

/// The request, or ourselves.
fn other(code: &str) -> Script {
    let wrong =
        |headline, side, steps| Script { headline, side, undone: "undone-nothing", mark: "bad", steps };
    match code {
        "login.backend_down" => Script {
            headline: "error-backend-down",
            side: "error-backend-down.side",
            undone: "undone-checked",
            mark: "warn",
            steps: &["step-later"],
        },
        "request.malformed" => {
            wrong("error-malformed", "error-malformed.side", &["step-whole-link", "step-go-back"])
        }
        "request.method" => wrong("error-method", "error-method.side", &["step-go-back"]),
        "request.foreign" => {
            Script { undone: "undone-at-all", ..wrong("error-foreign", "error-foreign.side", &["step-here"]) }
        }
        "request.too_large" => Script {
            undone: "undone-at-all",
            ..wrong("error-too-large", "error-too-large.side", &["step-shorter"])
        },
        "not_found" => wrong("error-not-found", "error-not-found.side", &["step-whole-link", "step-go-back"]),
        _ => ours(),
    }
}

/// `server.storage`, `server.error`, and whatever has no words yet.
fn ours() -> Script {
    Script {
        headline: "error-server",
        side: "error-server.side",
        undone: "undone-nothing-service",
        mark: "bad",
        steps: &["step-later"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::code::Code;

    fn facts() -> Facts<'static> {
        Facts {
            site: "Meridian Sign-in",
            service: "Research Wiki",
            institution: "Ashdown College",
            institution_help: "",
            attribute: "mail",
            help_href: "mailto:help@meridian.example",
            help_text: "help@meridian.example",
            ..Facts::default()
        }
    }

    #[test]
    fn every_code_has_words_of_its_own() {
        let lang = Lang::default();
        for code in Code::ALL.iter().map(|code| code.as_str()) {
            let text = error_text(&lang, code, &facts());
            let of_server = text.headline == lang.say("error-server");
            assert_eq!(of_server, code.starts_with("server."), "{code}");
            let ours = [lang.say("error-server.side"), lang.say("undone-nothing-service")];
            let blames_us = text.side == ours[0] || text.undone == ours[1];
            assert_eq!(blames_us, code.starts_with("server."), "{code}");
            let last = text.steps.last().unwrap();
            assert_eq!((last.link.as_str(), last.after.as_str()), ("help@meridian.example", "."), "{code}");
            assert!(error_text(&lang, code, &Facts::default()).steps.iter().all(|step| step.link.is_empty()));
        }
        assert_eq!(error_text(&lang, "service.new", &facts()), error_text(&lang, "server.error", &facts()));
    }

    #[test]
    fn what_is_closed_for_good_is_not_tried_again_in_a_few_minutes() {
        let lang = Lang::default();
        let later = lang.say("step-later");
        for code in ["service.disabled", "request.foreign", "request.too_large"] {
            let text = error_text(&lang, code, &facts());
            assert!(text.steps.len() > 1, "{code}");
            assert!(text.steps.iter().all(|step| step.before != later), "{code}");
        }
        let timeout = error_text(&lang, "upstream.timeout", &facts());
        assert_eq!(timeout.steps.first().unwrap().before, later, "that is how it would look");
    }

    #[test]
    fn nobody_is_blamed_where_there_is_nothing_to_sign_in_with() {
        let lang = Lang::default();
        let none = Facts { institution: "", no_way: true, no_other: true, ..facts() };
        let text = error_text(&lang, "service.provider_not_allowed", &none);
        assert_eq!(text.headline, "Research Wiki has no way to sign in here at the moment");
        let text = error_text(&lang, "service.provider_not_allowed", &Facts { service: "", ..none });
        assert_eq!(text.headline, "There is no way to sign in here at the moment");
        let off = error_text(&lang, "provider.disabled", &none);
        assert_eq!(off.headline, "Signing in is not available at the moment");
        let other = lang.say("step-other-institution");
        assert!(off.steps.iter().all(|step| step.before != other));
        let steps = error_text(&lang, "provider.disabled", &facts()).steps;
        assert!(steps.iter().any(|step| step.before == other), "where there is another one");
    }

    #[test]
    fn the_help_desk_of_an_institution_is_linked() {
        let lang = Lang::default();
        let known = Facts { institution_help: "mailto:it@ashdown.example", ..facts() };
        let linked = |code, facts: &Facts<'_>| -> Vec<Sentence> {
            error_text(&lang, code, facts)
                .steps
                .into_iter()
                .filter(|step| step.link == "Ashdown College")
                .collect()
        };
        for code in ["upstream.timeout", "upstream.loop", "service.attribute_missing"] {
            let steps = linked(code, &known);
            let [step] = steps.as_slice() else { panic!("{code}: {steps:?}") };
            assert_eq!(step.href, "mailto:it@ashdown.example");
            assert!(step.before.ends_with("the help desk of ") && step.after.starts_with(' '), "{step:?}");
            assert_eq!(linked(code, &facts()), [], "{code}");
            let sentence = format!("{}{}{}", step.before, step.link, step.after);
            let plain = error_text(&lang, code, &facts()).steps;
            assert!(plain.iter().any(|step| step.before == sentence), "{sentence}");
            let unnamed = Facts { institution: "", ..known };
            assert!(
                error_text(&lang, code, &unnamed).steps.iter().all(|step| !step.href.contains("ashdown"))
            );
        }
    }

    #[test]
    fn a_local_account_has_no_institution() {
        let lang = Lang::default();
        let local = Facts { institution: "", ..facts() };
        let headline = |code, facts: &Facts<'_>| error_text(&lang, code, facts).headline;
        assert_eq!(
            headline("service.provider_not_allowed", &local),
            "Research Wiki does not accept the account that you used"
        );
        assert_eq!(
            headline("service.attribute_missing", &facts()),
            "Research Wiki needs “mail” and your institution did not send it"
        );
    }
}
