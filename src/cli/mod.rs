//! The front gate: commands and wiring. The only room that prints.
//!
//! Exit codes: 0 fine, 1 a problem was found, 2 wrong usage, 3 could not run (file, network, database).
//! Results go to stdout, talk to stderr.

mod backend;
mod backend_test;
mod changes;
mod check;
mod claimed;
mod clean;
mod control;
mod demo;
mod entry;
mod gateway;
mod init;
mod main_keys;
mod online;
mod open_files;
mod opened;
mod outbox;
mod reload;
mod reloader;
mod schema;
mod serve;
mod session_tree;
mod sessions;
mod sign_in_once;
mod steps;
mod switch;
mod table;
mod test_callback;
mod test_provider;
mod upstream_steps;
mod users;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use serde::{Deserialize, Serialize};

use crate::domain::switches::Kind;

/// A CAS federation gateway: many institutions, one sign-in.
#[derive(Debug, Parser)]
#[command(name = "passerelle", version, about)]
struct Arguments {
    /// The configuration file [default: passerelle.toml here, else /etc/passerelle/passerelle.toml]
    #[arg(long, global = true, value_name = "FILE", env = "PASSERELLE_CONFIG")]
    config: Option<PathBuf>,
    /// How results are written
    #[arg(long, global = true, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(subcommand)]
    command: Command,
}

/// How results are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// As annotations of a pull request.
    Github,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway
    Serve,
    /// Read all files and print every problem
    Check {
        /// Warnings fail too
        #[arg(long)]
        strict: bool,
        /// Look at every institution too, as test-provider does, and ask every back-end
        #[arg(long)]
        online: bool,
    },
    /// Let the server that runs read its files again, at once
    Reload(reload::Options),
    /// Institutions: what there is; switch one off and on
    #[command(subcommand)]
    Providers(switch::Task),
    /// Services: what there is; switch one off and on
    #[command(subcommand)]
    Services(switch::Task),
    /// Back-ends: what there is; what one of them says of somebody
    #[command(subcommand)]
    Backend(backend::Task),
    /// Local accounts: add, change, switch off, import
    #[command(subcommand)]
    Users(users::Task),
    /// Who is signed in; end it
    #[command(subcommand)]
    Sessions(sessions::Task),
    /// Messages to services that wait or were given up
    #[command(subcommand)]
    Outbox(outbox::Task),
    /// Sweep what is over, as the server does by itself
    Clean(clean::Options),
    /// Print every key of every file with its default, as JSON Schema
    Schema(schema::Options),
    /// Look whether a proxy-granting ticket could be handed over at an address: the rule, DNS, TCP, TLS, 200
    TestCallback {
        /// The pgtUrl
        url: String,
    },
    /// Look whether people of an institution could sign in: DNS, TCP, TLS, its pages, its answers
    TestProvider(test_provider::Options),
    /// Write files to start from: one institution, one service, local accounts, a key, a systemd unit
    Init(init::Options),
    /// Try it out: a gateway, two institutions and a service in one process, nothing stored
    Demo(demo::Options),
}

/// Something was found, or something failed: with the exit code that says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Fine,
    Problem,
}

/// Reads the command line and runs the command.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.format == Format::Github
        && !matches!(arguments.command, Command::Serve | Command::Check { .. } | Command::Reload(_))
    {
        usage("`--format github` is for the problems of `check`");
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    let done = runtime.block_on(async {
        match arguments.command {
            Command::Serve => serve::run(arguments.config, arguments.format).await,
            Command::Check { strict, online } => {
                check::run(arguments.config, arguments.format, strict, online).await
            }
            Command::Reload(options) => reload::run(arguments.config, arguments.format, options).await,
            Command::Providers(task) => {
                switch::run(arguments.config, arguments.format, Kind::Provider, task).await
            }
            Command::Services(task) => {
                switch::run(arguments.config, arguments.format, Kind::Service, task).await
            }
            Command::Backend(task) => backend::run(arguments.config, arguments.format, task).await,
            Command::Users(task) => users::run(arguments.config, arguments.format, task).await,
            Command::Sessions(task) => sessions::run(arguments.config, arguments.format, task).await,
            Command::Outbox(task) => outbox::run(arguments.config, arguments.format, task).await,
            Command::Clean(options) => clean::run(arguments.config, arguments.format, options).await,
            Command::Init(options) => init::run(arguments.format, &options),
            Command::Schema(options) => schema::run(&options),
            Command::TestCallback { url } => {
                test_callback::run(arguments.config, arguments.format, &url).await
            }
            Command::TestProvider(options) => {
                test_provider::run(arguments.config, arguments.format, options).await
            }
            Command::Demo(options) => demo::run(options).await,
        }
    });
    match done {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Problem) => ExitCode::from(1),
        Err(error) => failed(&error),
    }
}

/// Ends the program: it was called in a way that makes no sense.
fn usage(words: &str) -> ! {
    Arguments::command().error(ErrorKind::ArgumentConflict, words).exit()
}

#[expect(clippy::print_stderr, reason = "the front gate talks to people")]
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("passerelle: {error:#}");
    ExitCode::from(3)
}
