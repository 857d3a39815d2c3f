use super::*;
use crate::store::uses;

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

#[tokio::test]
async fn services_that_nobody_uses_are_found() {
    let house = House::new().await;
    let meet = |rules: &'static [&'static str], now| {
        house.write(move |tx| Box::pin(async move { uses::meet(tx, &names(rules), at(now)).await }))
    };
    meet(&["wiki", "forms"], 1000).await.unwrap();
    meet(&["wiki", "forms", "cloud"], 5000).await.unwrap();
    let note = house.write(|tx| Box::pin(async move { uses::note(tx, &names(&["wiki"]), at(3000)).await }));
    note.await.unwrap();
    let unused = uses::unused(&house.url, at(2999)).await.unwrap();
    assert_eq!(unused.into_iter().collect::<Vec<_>>(), ["forms"], "wiki was used, cloud is new");
}

#[tokio::test]
async fn whoever_looks_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("p.db"));
    assert!(uses::unused(&url, at(1)).await.is_err());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}
