//! What the selection page costs with 3,000 institutions: `cargo bench --bench choice`.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench stops at what it does not expect")]

use divan::{Bencher, black_box};
use passerelle::domain::directory::Directory;
use passerelle::domain::identity::{Source, Suffix};
use passerelle::domain::provider::Provider;
use passerelle::domain::search::Query;

const MANY: usize = 3000;

fn main() {
    divan::main();
}

fn providers() -> Vec<Provider> {
    let places = ["Großau", "Łódź", "Valmont", "Northfield", "Älvsborg", "Sainte-Roche", "東湾"];
    let entry = |at: usize| {
        let suffix = Suffix::parse(&format!("i{at}.example")).unwrap();
        let name = format!("University {at} of {}", places[at % places.len()]);
        Provider {
            aliases: vec![format!("U{at}"), format!("Campus {}", places[(at + 3) % places.len()])],
            email_domains: vec![format!("i{at}.example"), format!("students.i{at}.example")],
            translations: vec![(
                "fr".to_owned(),
                format!("Université {at} de {}", places[at % places.len()]),
            )],
            group: Some(places[at % places.len()].to_owned()),
            ..Provider::new(suffix, &name, "https://cas.example/cas")
        }
    };
    (0..MANY).map(entry).collect()
}

/// Once, when the files are read.
#[divan::bench(sample_count = 20)]
fn set_up(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(providers).bench_local_values(Directory::new);
}

/// Once a page: those that are offered, in the order of the page.
#[divan::bench(args = ["en", "fr"])]
fn list(bencher: Bencher<'_, '_>, lang: &str) {
    let directory = Directory::new(providers());
    bencher.bench_local(|| {
        directory.listed(None, black_box(lang)).map(|l| l.text.as_str().len()).sum::<usize>()
    });
}

/// At every request of `/login`.
#[divan::bench]
fn offered(bencher: Bencher<'_, '_>) {
    let directory = Directory::new(providers());
    bencher.bench_local(|| directory.offered(None).len());
}

/// Once a keystroke.
#[divan::bench(args = ["u", "sainte roche", "großau 2", "nowhere", "ana@cs.i2999.example"])]
fn search(bencher: Bencher<'_, '_>, q: &str) {
    let directory = Directory::new(providers());
    bencher.bench_local(|| {
        let query = Query::read(black_box(q));
        directory.listed(None, "en").filter(|listed| query.finds(&listed.text)).count()
    });
}

#[divan::bench]
fn find(bencher: Bencher<'_, '_>) {
    let directory = Directory::new(providers());
    bencher.bench_local(|| directory.find(black_box("I1500.example")).is_some());
}

#[divan::bench]
fn hint(bencher: Bencher<'_, '_>) {
    let directory = Directory::new(providers());
    bencher.bench_local(|| directory.by_hint(black_box("ana@cs.students.i1500.example"), None).is_some());
}

/// For each ticket: the suffixes that somebody must not be written with.
#[divan::bench]
fn foreign(bencher: Bencher<'_, '_>) {
    let directory = Directory::new(providers());
    let own = Source::Provider(Suffix::parse("i7.example").unwrap());
    bencher.bench_local(|| {
        directory.suffixes_foreign_to(&own).filter(|s| s.same_as(black_box("x.example"))).count()
    });
}
