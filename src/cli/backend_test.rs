//! `passerelle backend test NAME USER`: what a back-end says of somebody, step by step. No password and no stored
//! value is ever shown.

use std::io::IsTerminal;
use std::time::Duration;

use anyhow::{anyhow, bail};
use secrecy::SecretString;
use tokio::time::timeout;

use super::sign_in_once::listed;
use super::steps::{Found, Report};
use super::table::{plain, say};
use super::users::password::{at_terminal, first_line, fits};
use super::{Format, Outcome, backend};
use crate::auth::{Down, Known, Single, Step, Steps, Verdict, Went};
use crate::config::{BackendKind, Config};
use crate::protocol::attributes::Attributes;

/// Longest wait for an answer.
const LONGEST: Duration = Duration::from_secs(60);

/// `passerelle backend test`.
#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The name of the back-end
    name: String,
    /// The user name, as somebody would type it
    user: String,
    /// Show the values of attributes, not only their names
    #[arg(long)]
    values: bool,
    /// Read the password from the first line of standard input
    #[arg(long, conflicts_with = "no_password")]
    password_stdin: bool,
    /// Ask without a password what is known of the person
    #[arg(long)]
    no_password: bool,
}

/// What somebody is asked for.
struct Question<'a> {
    one: Single<'a>,
    name: &'a str,
    values: bool,
}

/// Runs the command. Errors: the back-end does not answer.
pub(super) async fn run(config: &Config, format: Format, options: &Options) -> anyhow::Result<Outcome> {
    let (backends, no_accounts) = backend::open(config).await?;
    let configured = config.backends.iter().find(|one| one.name == options.name);
    let (Some(configured), Some(one)) = (configured, backends.single(&options.name)) else {
        say(&format!("there is no back-end {:?}", options.name));
        return Ok(Outcome::Problem);
    };
    if let (BackendKind::Accounts(_), Some(reason)) = (&configured.kind, no_accounts) {
        bail!(reason);
    }
    let about = format!("{}   {}", configured.name, configured.kind.word());
    let mut report = Report { about, ..Report::default() };
    let name = named(one, &options.user, &mut report);
    let mut down = None;
    if let Some(name) = &name {
        let question = Question { one, name, values: options.values };
        let password = if options.no_password { None } else { Some(password(options).await?) };
        down = match password {
            None => question.look_up(&mut report).await.err(),
            Some(Ok(password)) => question.ask(&password, &mut report).await.err(),
            Some(Err(reason)) => {
                report.note("password", Found::Bad(reason.to_owned()));
                report.skip(&["question"]);
                None
            }
        };
    }
    report.print(format)?;
    let name = &configured.name;
    match down {
        None => Ok(report.outcome()),
        Some(Down::Silent(_)) => Err(anyhow!("the back-end {name:?} does not answer")),
        Some(Down::Crowd(_)) => Err(anyhow!("the back-end {name:?} is asked too much at the moment")),
        Some(Down::Unfit(_)) => {
            Err(anyhow!("the back-end {name:?} answers, but not what it is asked: see what failed"))
        }
    }
}

/// The name that is asked for, and whether a sign-in would ask this back-end at all.
fn named(one: Single<'_>, typed: &str, report: &mut Report) -> Option<String> {
    let name = match one.canonical(typed) {
        Ok(name) => name,
        Err(reason) => {
            report.note("name", Found::Bad(format!("no back-end is asked: {reason}")));
            report.skip(&["question"]);
            return None;
        }
    };
    report.note("name", Found::Good(name.clone()));
    if !one.signs_in() {
        report.note("sign-in", Found::Odd("`sign_in = false`: no password is checked here".to_owned()));
    } else if !one.may_know(&name) {
        report.note("names", Found::Bad("`names` does not let it through: a sign-in asks others".to_owned()));
    }
    let before = one.before(&name);
    if !before.is_empty() {
        report
            .note("before it", Found::Good(format!("{}: whoever knows the name decides", before.join(", "))));
    }
    Some(name)
}

/// The password, never from the command line, where others would see it. Out: why it cannot be one.
async fn password(options: &Options) -> anyhow::Result<Result<SecretString, &'static str>> {
    if options.password_stdin {
        return Ok(first_line()?);
    }
    if !std::io::stdin().is_terminal() {
        bail!("no terminal to ask for the password: use --password-stdin or --no-password");
    }
    let prompt = format!("password of {}: ", plain(&options.user));
    let typed = at_terminal(move || rpassword::prompt_password(prompt)).await?;
    Ok(fits(&typed).map(|()| SecretString::from(typed)))
}

impl Question<'_> {
    async fn ask(&self, password: &SecretString, report: &mut Report) -> Result<(), Down> {
        let steps = Steps::kept();
        let answer = within(self.one.check(self.name, password, &steps)).await;
        tell(steps.list(), answer.as_ref().err(), report);
        match answer? {
            Verdict::Right { name, attributes } | Verdict::Own { name, attributes, .. } => {
                report.note("answer", Found::Good("the password is right".to_owned()));
                self.user(&name, report);
                self.attributes(attributes, report);
            }
            Verdict::MustChange { name } => {
                report.note("answer", Found::Odd("right, and another one has to be chosen first".to_owned()));
                self.user(&name, report);
            }
            Verdict::Wrong => report.note("answer", Found::Bad("the password is wrong".to_owned())),
            Verdict::Unknown => report.note("answer", Found::Bad("nobody of that name".to_owned())),
        }
        Ok(())
    }

    async fn look_up(&self, report: &mut Report) -> Result<(), Down> {
        let steps = Steps::kept();
        let answer = within(self.one.attributes(self.name, &steps)).await;
        tell(steps.list(), answer.as_ref().err(), report);
        match answer? {
            Known::Now { attributes, .. } => {
                report.note("answer", Found::Good("the name is known".to_owned()));
                self.attributes(attributes, report);
            }
            Known::AtSignIn => {
                let words = "attributes are told at a sign-in only, and kept with the session";
                report.note("answer", Found::Odd(words.to_owned()));
            }
            Known::Nobody => report.note("answer", Found::Bad("nobody of that name".to_owned())),
        }
        Ok(())
    }

    /// Who it would be.
    fn user(&self, given: &str, report: &mut Report) {
        report.steps.retain(|step| step.what != "user");
        report.note(
            "user",
            match self.one.canonical(given) {
                Ok(name) => Found::Good(name),
                Err(reason) => Found::Bad(format!("the name that it gives cannot be used: {reason}")),
            },
        );
    }

    fn attributes(&self, given: Attributes, report: &mut Report) {
        let names: Vec<String> = given.iter().map(|(name, _)| name.to_owned()).collect();
        let shown = self.one.shown(given);
        report.steps.retain(|step| step.what != "attributes");
        report.note("attributes", Found::Good(listed(&shown, self.values)));
        let is_gone = |name: &&String| !shown.contains(name);
        let gone: Vec<&str> = names.iter().filter(is_gone).map(String::as_str).collect();
        if !gone.is_empty() {
            report
                .note("not under", Found::Good(format!("{}: hidden, ours, or a password", gone.join(", "))));
        }
    }
}

/// An answer, within its time.
pub(super) async fn within<T>(answer: impl Future<Output = Result<T, Down>>) -> Result<T, Down> {
    let silent = |_| Err(Down::Silent(format!("no answer in {} s", LONGEST.as_secs())));
    timeout(LONGEST, answer).await.unwrap_or_else(silent)
}

/// What the back-end told of its way to an answer. The last of it is why there is none, where it says so.
pub(super) fn tell(mut steps: Vec<Step>, down: Option<&Down>, report: &mut Report) {
    let is_why = |step: &mut Step| down.is_some_and(|down| down.to_string() == step.found);
    let why = steps.pop_if(is_why);
    for step in steps {
        let found = match step.went {
            Went::Well => Found::Good(step.found),
            Went::Oddly => Found::Odd(step.found),
            Went::Badly => Found::Bad(step.found),
        };
        report.note(step.what, found);
        if let Some(hint) = step.hint {
            report.hint = Some(hint.to_owned());
        }
    }
    if let Some(down) = down {
        report.note(why.map_or("answer", |step| step.what), Found::Bad(down.to_string()));
        if let Down::Unfit(_) = down {
            let words = "the back-end answers: mend its [[backend]], or what it refuses on its own side";
            report.hint = Some(words.to_owned());
        }
    }
}
