//! `check --online`: every institution is looked at, a few at a time.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};
use serde::Serialize;

use super::entry::Place;
use super::steps::{Report, State, Step};
use super::table::Table;
use super::{Outcome, test_provider};
use crate::config::Config;
use crate::config::problem::Level;
use crate::config::render::annotation;
use crate::domain::provider::Provider;
use crate::domain::switches::Kind;
use crate::upstream::Upstreams;

/// Institutions that are asked at the same time.
const AT_ONCE: usize = 8;

/// What was found at one institution.
#[derive(Debug, Serialize)]
pub(super) struct Looked {
    /// Its suffix.
    pub suffix: String,
    /// Step by step.
    #[serde(flatten)]
    pub report: Report,
}

/// Looks at all of them. Out: in the order of the selection page. Errors when we cannot look at all.
pub(super) async fn all(config: &Config) -> anyhow::Result<Vec<Looked>> {
    let upstreams = Upstreams::new(&config.directory, config.outbound.ca_file.as_deref())?;
    let one = async |provider: &Provider| {
        let (report, _) = test_provider::look(config, &upstreams, provider).await?;
        Ok(Looked { suffix: provider.suffix.as_str().to_owned(), report })
    };
    let looks = config.directory.iter().map(|provider| one(provider));
    let found: Vec<anyhow::Result<Looked>> = stream::iter(looks).buffered(AT_ONCE).collect().await;
    found.into_iter().collect()
}

/// Whether all went well.
pub(super) fn outcome(all: &[Looked]) -> Outcome {
    let fine = all.iter().all(|looked| looked.report.outcome() == Outcome::Fine);
    if fine { Outcome::Fine } else { Outcome::Problem }
}

/// One line each, and below them what can be done.
pub(super) fn text(all: &[Looked]) -> String {
    let mut table = Table::new(&["INSTITUTION", "STATE", "STEP", "FOUND"]);
    for Looked { suffix, report } in all {
        let first = |state| report.steps.iter().find(|step| step.state == state);
        let (state, step) = match (first(State::Fail), first(State::Warn)) {
            (Some(step), _) => ("FAIL", Some(step)),
            (None, Some(step)) => ("warn", Some(step)),
            (None, None) => ("ok", None),
        };
        let (what, words) = step.map_or(("", ""), |Step { what, words, .. }| (what, words));
        table.row([suffix.as_str(), state, what, words].map(str::to_owned).to_vec());
    }
    let hints = all.iter().filter_map(|looked| Some((looked, looked.report.hint.as_ref()?)));
    let hints = hints.map(|(looked, hint)| format!("hint for {}: {hint}\n", looked.suffix));
    table.text() + &hints.collect::<String>()
}

/// For a build at GitHub: a line for each step that failed or wants to be looked at, beside the entry of the
/// institution. In: where each is written. The hint stands at the first that failed.
pub(super) fn github(all: &[Looked], places: &BTreeMap<String, Place>) -> String {
    let mut out = String::new();
    for Looked { suffix, report } in all {
        let place = places.get(&Kind::Provider.key(suffix));
        let (file, line) = place.map_or(("providers.d", 1), |place| (place.file.as_str(), place.line));
        let mut hint = report.hint.as_ref();
        for Step { what, state, words } in &report.steps {
            let (level, hint) = match state {
                State::Fail => (Level::Error, hint.take()),
                State::Warn => (Level::Warning, None),
                State::Ok | State::Skipped => continue,
            };
            let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
            out.push_str(&annotation(level, file, line, "", &format!("{suffix}: {what}: {words}{hint}")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::super::steps::Found;
    use super::*;

    fn looked(suffix: &str, found: Vec<(&str, Found)>, hint: Option<&str>) -> Looked {
        let mut report = Report { hint: hint.map(str::to_owned), ..Report::default() };
        found.into_iter().for_each(|(what, found)| report.note(what, found));
        Looked { suffix: suffix.to_owned(), report }
    }

    #[test]
    fn annotations_stand_beside_the_entry() {
        let odd = || Found::Odd("90 s ahead".to_owned());
        let bad = |words: &str| Found::Bad(words.to_owned());
        let all = [
            looked("a.example", vec![("DNS", Found::Good("192.0.2.17".to_owned()))], None),
            looked(
                "B.example",
                vec![("TLS", bad("100%\nbad")), ("callback", bad("no")), ("clock", odd())],
                Some("ask, them"),
            ),
        ];
        let place = Place { file: "providers.d/a,b:c.toml".to_owned(), line: 7 };
        let places = BTreeMap::from([("b.example".to_owned(), place)]);
        insta::assert_snapshot!(github(&all, &places), @r"
        ::error file=providers.d/a%2Cb%3Ac.toml,line=7::B.example: TLS: 100%25%0Abad; ask, them
        ::error file=providers.d/a%2Cb%3Ac.toml,line=7::B.example: callback: no
        ::warning file=providers.d/a%2Cb%3Ac.toml,line=7::B.example: clock: 90 s ahead
        ");
    }

    #[test]
    fn a_line_each() {
        let (good, odd, bad) = (
            || Found::Good("192.0.2.17".to_owned()),
            || Found::Odd("90 s ahead".to_owned()),
            || Found::Bad("refused".to_owned()),
        );
        let mut all = vec![
            looked("north.example", vec![("DNS", good())], None),
            looked("south.example", vec![("DNS", good()), ("clock", odd())], None),
        ];
        assert_eq!(outcome(&all), Outcome::Fine);
        all.push(looked("w.example", vec![("clock", odd()), ("TCP 443", bad())], Some("wait")));
        assert_eq!(outcome(&all), Outcome::Problem);
        insta::assert_snapshot!(text(&all), @"
        INSTITUTION    STATE  STEP     FOUND
        north.example  ok
        south.example  warn   clock    90 s ahead
        w.example      FAIL   TCP 443  refused
        hint for w.example: wait
        ");
    }
}
