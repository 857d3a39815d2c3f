//! `check --online`: every institution is looked at and every back-end is asked, a few at a time.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt};
use serde::Serialize;

use super::entry::Place;
use super::steps::{Found, Report, State, Step};
use super::table::Table;
use super::{Outcome, backend, backend_test, test_provider};
use crate::auth::{self, Down, Single, Steps, Went};
use crate::config::problem::Level;
use crate::config::render::annotation;
use crate::config::{BackendKind, Config};
use crate::domain::provider::Provider;
use crate::domain::switches::Kind;
use crate::upstream::Upstreams;

/// Institutions that are asked at the same time.
const AT_ONCE: usize = 8;
/// The step with which a back-end begins to look at one of its servers.
const SERVER: &str = "server";

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
    let off = test_provider::switched_off(config).await;
    let one = async |provider: &Provider| {
        let (report, _) = test_provider::look(config, &upstreams, provider, &off).await?;
        Ok(Looked { suffix: provider.suffix.as_str().to_owned(), report })
    };
    let looks = config.directory.iter().map(|provider| one(provider));
    let found: Vec<anyhow::Result<Looked>> = stream::iter(looks).buffered(AT_ONCE).collect().await;
    found.into_iter().collect()
}

/// What was found at one back-end.
#[derive(Debug, Serialize)]
pub(super) struct Asked {
    /// Its name.
    pub name: String,
    /// Step by step.
    #[serde(flatten)]
    pub report: Report,
}

/// Asks all back-ends whether they can be asked. Out: in their order. Errors when we cannot ask at all.
pub(super) async fn backends(config: &Config) -> anyhow::Result<Vec<Asked>> {
    let (backends, no_accounts) = backend::open(config).await?;
    let one = async |one: Single<'_>| {
        let kind = config.backends.iter().find(|own| own.name == one.name()).map(|own| &own.kind);
        let word = kind.map_or("", BackendKind::word);
        let mut report = Report { about: format!("{}   {word}", one.name()), ..Report::default() };
        match (kind, &no_accounts) {
            (Some(BackendKind::Accounts(_)), Some(reason)) => {
                report.note("database", Found::Odd(format!("not asked: {reason}")));
            }
            _ => probe(one, &mut report).await,
        }
        Asked { name: one.name().to_owned(), report }
    };
    Ok(stream::iter(backends.each().map(one)).buffered(AT_ONCE).collect().await)
}

async fn probe(one: Single<'_>, report: &mut Report) {
    let steps = Steps::kept();
    let began = tokio::time::Instant::now();
    let answer = backend_test::within(one.probe(&steps)).await;
    let took = began.elapsed().as_millis();
    if let Some(steps) = answer.as_ref().err().and_then(|down| without_some(steps.list(), down)) {
        backend_test::tell(steps, None, report);
        report.note("answer", Found::Good(format!("the others can be asked, {took} ms")));
        let words =
            "people notice nothing as long as another server answers: mend this one, or take it out of `url`";
        report.hint = Some(words.to_owned());
        return;
    }
    backend_test::tell(steps.list(), answer.as_ref().err(), report);
    match answer {
        Ok(()) => report.note("answer", Found::Good(format!("it can be asked, {took} ms"))),
        Err(_) => {
            let words = match one.signs_in() {
                true => "until this is mended, people that it may know see \"passwords cannot be checked\"",
                false => "until this is mended, its attributes are left out",
            };
            report.hint = Some(words.to_owned());
        }
    }
}

/// The steps of a back-end with several servers, each of which begins with a step `server`: what is wrong with
/// some is no failure while another can be used. In: why it cannot be asked. Out: the steps, where the servers that
/// cannot be used are named beside what is wrong with them; `None` where that is not all that is wrong.
fn without_some(mut steps: Vec<auth::Step>, down: &Down) -> Option<Vec<auth::Step>> {
    let (mut wrong, mut well) = (Vec::new(), 0);
    for server in steps.chunk_by_mut(|_, next| next.what != SERVER) {
        let (name, looks) = server.split_first_mut().filter(|(first, _)| first.what == SERVER)?;
        let before = wrong.len();
        for step in looks.iter_mut().filter(|step| step.went == Went::Badly) {
            step.went = Went::Oddly;
            step.found = format!("{}: {}", name.found, step.found);
            wrong.push(step.found.clone());
        }
        well += usize::from(wrong.len() == before);
    }
    (well > 0 && wrong.join("; ") == down.to_string()).then_some(steps)
}

/// Whether all went well.
pub(super) fn outcome<'a>(mut all: impl Iterator<Item = &'a Report>) -> Outcome {
    let fine = all.all(|report| report.outcome() == Outcome::Fine);
    if fine { Outcome::Fine } else { Outcome::Problem }
}

/// One line each, and below them what can be done.
pub(super) fn text(all: &[Looked]) -> String {
    let rows: Vec<_> = all.iter().map(|looked| (looked.suffix.as_str(), &looked.report)).collect();
    lines("INSTITUTION", &rows)
}

/// One line each, and below them every step of those that cannot be asked. Nothing, where there are none.
pub(super) fn text_of_backends(all: &[Asked]) -> String {
    if all.is_empty() {
        return String::new();
    }
    let rows: Vec<_> = all.iter().map(|asked| (asked.name.as_str(), &asked.report)).collect();
    let failed = rows.iter().filter(|(_, report)| report.outcome() == Outcome::Problem);
    let steps: String = failed
        .map(|(_, report)| format!("\n{}", Report { hint: None, ..(*report).clone() }.text()))
        .collect();
    format!("\n{}{steps}", lines("BACK-END", &rows))
}

fn lines(title: &str, all: &[(&str, &Report)]) -> String {
    let mut table = Table::new(&[title, "STATE", "STEP", "FOUND"]);
    for (name, report) in all {
        let first = |state| report.steps.iter().find(|step| step.state == state);
        let (state, step) = match (first(State::Fail), first(State::Warn)) {
            (Some(step), _) => ("FAIL", Some(step)),
            (None, Some(step)) => ("warn", Some(step)),
            (None, None) => ("ok", None),
        };
        let (what, words) = step.map_or(("", ""), |Step { what, words, .. }| (what, words));
        table.row([name, state, what, words].map(str::to_owned).to_vec());
    }
    let hints = all.iter().filter_map(|(name, report)| Some((name, report.hint.as_ref()?)));
    let hints = hints.map(|(name, hint)| format!("hint for {name}: {hint}\n"));
    table.text() + &hints.collect::<String>()
}

/// For a build at GitHub: a line for each step that failed or wants to be looked at, beside the entry of the
/// institution. In: where each is written. The hint stands at the first that failed.
pub(super) fn github(all: &[Looked], places: &BTreeMap<String, Place>) -> String {
    let one = |looked: &Looked| {
        let place = places.get(&Kind::Provider.key(&looked.suffix));
        annotations(&looked.suffix, &looked.report, place, "providers.d")
    };
    all.iter().map(one).collect()
}

/// The same beside the tables of back-ends.
pub(super) fn github_of_backends(all: &[Asked], places: &BTreeMap<String, Place>) -> String {
    let one =
        |asked: &Asked| annotations(&asked.name, &asked.report, places.get(&asked.name), "passerelle.toml");
    all.iter().map(one).collect()
}

fn annotations(name: &str, report: &Report, place: Option<&Place>, folder: &str) -> String {
    let (file, line) = place.map_or((folder, 1), |place| (place.file.as_str(), place.line));
    let mut out = String::new();
    let mut hint = report.hint.as_ref();
    for Step { what, state, words } in &report.steps {
        let (level, hint) = match state {
            State::Fail => (Level::Error, hint.take()),
            State::Warn => (Level::Warning, None),
            State::Ok | State::Skipped => continue,
        };
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        out.push_str(&annotation(level, file, line, "", &format!("{name}: {what}: {words}{hint}")));
    }
    out
}

#[cfg(test)]
mod tests {
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
    fn a_server_that_is_down_is_no_failure_while_another_answers() {
        let told = |servers: &[Option<&str>], down: &str| {
            let steps = Steps::kept();
            for (number, wrong) in servers.iter().enumerate() {
                steps.tell(SERVER, || format!("ldap://{number}.example"));
                match wrong {
                    Some(words) => steps.failed("failed", || (*words).to_owned()),
                    None => steps.tell("connect", || "no TLS".to_owned()),
                }
            }
            let mut report = Report::default();
            let steps = without_some(steps.list(), &Down::Silent(down.to_owned()))?;
            backend_test::tell(steps, None, &mut report);
            let odd = report.steps.into_iter().filter(|step| step.state == State::Warn);
            Some(odd.map(|step| step.words).collect::<Vec<_>>())
        };
        let (refused, both) =
            ("ldap://0.example: refused", "ldap://0.example: refused; ldap://2.example: late");
        assert_eq!(told(&[Some("refused"), None], refused), Some(vec![refused.to_owned()]));
        let two = both.split("; ").map(str::to_owned).collect();
        assert_eq!(told(&[Some("refused"), None, Some("late")], both), Some(two));
        // None answers, and a reason that is not one of those.
        assert_eq!(told(&[Some("refused")], refused), None);
        assert_eq!(told(&[Some("refused"), None], "no answer in 60 s"), None);
        assert_eq!(told(&[None, None], "no answer in 60 s"), None);
        let steps = Steps::kept();
        steps.failed("question", || "refused".to_owned());
        assert_eq!(without_some(steps.list(), &Down::Silent("refused".to_owned())), None);
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
        assert_eq!(outcome(all.iter().map(|looked| &looked.report)), Outcome::Fine);
        all.push(looked("w.example", vec![("clock", odd()), ("TCP 443", bad())], Some("wait")));
        assert_eq!(outcome(all.iter().map(|looked| &looked.report)), Outcome::Problem);
        insta::assert_snapshot!(text(&all), @"
        INSTITUTION    STATE  STEP     FOUND
        north.example  ok
        south.example  warn   clock    90 s ahead
        w.example      FAIL   TCP 443  refused
        hint for w.example: wait
        ");
    }
}
