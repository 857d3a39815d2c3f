//! What a search finds: one table of cases, for the server and for the script of the page.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};

use passerelle::domain::directory::Directory;
use passerelle::domain::identity::Suffix;
use passerelle::domain::provider::Provider;
use passerelle::domain::search::{Query, SearchText};

use crate::support::form::attribute;
use crate::support::house::WIKI;
use crate::support::{Browser, House};

#[derive(Deserialize)]
struct Table {
    institutions: Vec<Institution>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Institution {
    suffix: String,
    name: String,
    #[serde(default)]
    names: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    email_domains: Vec<String>,
    group: Option<String>,
}

#[derive(Deserialize)]
struct Case {
    q: String,
    /// Suffixes in their order as texts.
    finds: Vec<String>,
    /// Those of them of which it is a whole name or domain, where that is looked at.
    exactly: Option<Vec<String>>,
}

impl Table {
    fn read() -> Self {
        serde_json::from_str(include_str!("cases.json")).expect("the table")
    }

    fn directory(&self) -> Directory {
        Directory::new(self.institutions.iter().map(|entry| Provider {
            translations: entry.names.clone().into_iter().collect(),
            aliases: entry.aliases.clone(),
            email_domains: entry.email_domains.clone(),
            group: entry.group.clone(),
            ..Provider::new(Suffix::parse(&entry.suffix).unwrap(), &entry.name, "https://cas.example")
        }))
    }

    /// The same as a file of an operator.
    fn toml(&self) -> String {
        // A text in JSON is one in TOML, and so is a list of them.
        let entries = self.institutions.iter().map(|entry| {
            let names: Vec<_> =
                entry.names.iter().map(|(tag, name)| format!("{tag} = {}", json!(name))).collect();
            format!(
                "[[provider]]\nsuffix = {}\nname = {}\nurl = \"https://cas.example\"\nnames = {{ {} }}\naliases = {}\n\
                 email_domains = {}\n{}",
                json!(entry.suffix),
                json!(entry.name),
                names.join(", "),
                json!(entry.aliases),
                json!(entry.email_domains),
                entry.group.iter().map(|group| format!("group = {}\n", json!(group))).collect::<String>(),
            )
        });
        entries.collect()
    }
}

#[test]
fn on_the_server() {
    let table = Table::read();
    assert!(table.cases.len() >= 60);
    let directory = table.directory();
    let mut wrong = Vec::new();
    for Case { q, finds, exactly } in &table.cases {
        let query = Query::read(q);
        let that = |fits: fn(&Query, &SearchText) -> bool| {
            let listed = directory.listed(None, "en").filter(|listed| fits(&query, &listed.text));
            let mut found: Vec<_> = listed.map(|listed| listed.provider.suffix.as_str().to_owned()).collect();
            found.sort();
            found
        };
        let (found, whole) = (that(Query::finds), that(Query::is_exactly));
        if found != *finds {
            wrong.push(format!("{q:?}: {found:?}, not {finds:?}"));
        }
        if exactly.as_ref().is_some_and(|exactly| whole != *exactly) || whole.len() > finds.len() {
            wrong.push(format!("{q:?}: exactly {whole:?}, not {exactly:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Reads the texts and the cases, answers with what each case finds.
const SCRIPT: &str = r#"
let input = "";
process.stdin.on("data", (piece) => { input += piece; }).on("end", () => {
  const { script, texts, queries } = JSON.parse(input);
  const { query, finds, exactly } = new Function(`"use strict"; ${script}; return { query, finds, exactly };`)();
  const that = (fits) => queries.map((q) => Object.keys(texts).filter((suffix) => fits(query(q), texts[suffix])).sort());
  process.stdout.write(JSON.stringify([that(finds), that(exactly)]));
});
"#;

/// `None`: there is no Node here, which is a failure where everything has to be there.
fn node() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join("node")).find(|node| node.is_file());
    let must_be = std::env::var_os("REQUIRE_NODE").is_some_and(|value| value == "1");
    assert!(found.is_some() || !must_be, "the script is tested with Node, and `node` is not in $PATH");
    found
}

/// With the texts of the page itself.
#[tokio::test]
async fn in_the_script() {
    let Some(node) = node() else { return };
    let table = Table::read();
    let house = House::with().provider(&table.toml()).start().await;
    let page = Browser::at(&house).visits(WIKI).await;
    let texts: serde_json::Map<String, Value> = page
        .body
        .split("<li ")
        .skip(1)
        .map(|entry| {
            let (tag, rest) = entry.split_once('>').unwrap();
            let suffix = rest.split("/federate/").nth(1).unwrap().split(['?', '"']).next().unwrap();
            (suffix.to_owned(), attribute(&format!(" {tag}"), "data-find").unwrap().into())
        })
        .collect();
    assert_eq!(texts.len(), table.institutions.len());
    let queries: Vec<_> = table.cases.iter().map(|case| case.q.as_str()).collect();
    let script = include_str!("../../assets/search.js");
    let input = json!({ "script": script, "texts": texts, "queries": queries }).to_string();

    let mut run = Command::new(node)
        .args(["-e", SCRIPT])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node");
    run.stdin.take().unwrap().write_all(input.as_bytes()).expect("its input");
    let output = run.wait_with_output().expect("its output");
    assert!(output.status.success());
    let (found, whole): (Vec<Vec<String>>, Vec<Vec<String>>) =
        serde_json::from_slice(&output.stdout).expect("its answer");
    let wrong: Vec<_> = (table.cases.iter().zip(found.iter().zip(&whole)))
        .filter(|(case, (found, whole))| {
            case.finds != **found || case.exactly.as_ref().is_some_and(|exactly| exactly != *whole)
        })
        .map(|(case, found)| format!("{:?}: {found:?}, not {:?}", case.q, (&case.finds, &case.exactly)))
        .collect();
    assert!(wrong.is_empty() && found.len() == table.cases.len(), "{}", wrong.join("\n"));
}
