use secrecy::{ExposeSecret, SecretString};

use super::*;
use crate::store::Farewell;
use crate::store::accounts::{self, Account};
use crate::store::sessions::{self, Ends};

fn account(name: &str) -> Account {
    let mut account = Account::new(Name::stored(name), "{old}".into(), at(1000));
    account.attributes = attributes();
    account
}

impl House {
    async fn add(&self, account: &Account) -> bool {
        let account = account.clone();
        let add = self.write(move |tx| {
            let account = account.clone();
            Box::pin(async move { accounts::add(tx, &account).await })
        });
        add.await.unwrap()
    }

    async fn account(&self, name: &str) -> Account {
        accounts::find(&mut self.read().await.unwrap(), name).await.unwrap().unwrap()
    }

    async fn choose(&self, was: &Account, new: &'static str, now: i64) -> bool {
        let was = was.clone();
        let choose = self.write(move |tx| {
            let was = was.clone();
            Box::pin(async move { accounts::choose(tx, &was, &SecretString::from(new), at(now)).await })
        });
        choose.await.unwrap()
    }

    async fn signed_in(&self, name: &'static str, password_at: i64, now: i64) -> bool {
        let update = self.write(move |tx| {
            Box::pin(
                async move { accounts::signed_in(tx, &Name::stored(name), at(password_at), at(now)).await },
            )
        });
        update.await.unwrap()
    }

    async fn change(&self, changed: Account) {
        let change = self.write(move |tx| {
            let changed = changed.clone();
            Box::pin(async move {
                assert!(accounts::hold(tx, &changed.name).await?.is_some());
                accounts::change(tx, &changed).await
            })
        });
        assert!(change.await.unwrap());
    }
}

#[tokio::test]
async fn an_account_is_kept_whole_and_its_name_once() {
    let house = House::new().await;
    let ada = Account { last_login: Some(at(7)), must_change: true, active: false, ..account("ada") };
    assert!(house.add(&ada).await && house.add(&account("Ada")).await, "names have a case");
    assert!(!house.add(&account("ada")).await);
    let found = house.account("ada").await;
    assert_eq!((&found.name, &found.attributes), (&ada.name, &ada.attributes));
    assert_eq!((found.active, found.must_change, found.password.expose_secret()), (false, true, "{old}"));
    assert_eq!((found.joined_at, found.password_at, found.last_login), (at(1000), at(1000), Some(at(7))));
    assert!(!format!("{found:?}").contains("{old}"), "a hash is no text for logs");
    let names = async |after: &str, limit| {
        let mut read = house.read().await.unwrap();
        let page = accounts::list(&mut read, after, limit).await.unwrap();
        page.into_iter().map(|one| one.name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names("", 9).await, ["Ada", "ada"]);
    assert_eq!((names("", 1).await, names("Ada", 9).await), (vec!["Ada".to_owned()], vec!["ada".to_owned()]));
    let gone = house.write(|tx| Box::pin(async move { accounts::remove(tx, &Name::stored("ada")).await }));
    assert!(gone.await.unwrap());
    assert_eq!(names("", 9).await, ["Ada"]);
    assert!(accounts::find(&mut house.read().await.unwrap(), "ada").await.unwrap().is_none());
}

#[tokio::test]
async fn of_two_who_choose_at_once_the_first_wins() {
    let house = House::new().await;
    house.add(&Account { must_change: true, ..account("ada") }).await;
    let was = house.account("ada").await;
    // In the same second as the last one, and with a clock that went back.
    assert!(house.choose(&was, "{new}", 900).await);
    assert!(!house.choose(&was, "{other}", 2000).await);
    let now = house.account("ada").await;
    assert_eq!((now.password.expose_secret(), now.must_change, now.password_at), ("{new}", false, at(1001)));
    assert!(house.choose(&now, "{newer}", 3000).await);
    assert_eq!(house.account("ada").await.password_at, at(3000));
    house.change(Account { active: false, ..house.account("ada").await }).await;
    let off = house.account("ada").await;
    assert!(!house.choose(&off, "{newest}", 4000).await, "switched off");
}

#[tokio::test]
async fn a_sign_in_stands_on_the_password_that_was_checked() {
    let house = House::new().await;
    house.add(&account("ada")).await;
    assert!(house.signed_in("ada", 1000, 5000).await);
    assert_eq!(house.account("ada").await.last_login, Some(at(5000)));
    let refused = async |changed: Account| {
        house.change(changed).await;
        let refused = !house.signed_in("ada", 1000, 6000).await;
        refused && house.account("ada").await.last_login == Some(at(5000))
    };
    let ada = house.account("ada").await;
    assert!(refused(Account { active: false, ..ada.clone() }).await);
    assert!(refused(Account { must_change: true, ..ada.clone() }).await);
    assert!(refused(Account { password_at: at(1001), ..ada.clone() }).await);
    house.change(ada).await;
    assert!(house.signed_in("ada", 1000, 6000).await);
    assert!(!house.signed_in("nobody", 1000, 6000).await);
}

#[tokio::test]
async fn another_hash_takes_the_place_of_the_one_that_was_read() {
    let house = House::new().await;
    house.add(&account("ada")).await;
    let rehash = |old: &'static str| {
        house.write(move |tx| {
            Box::pin(async move {
                accounts::rehash(tx, "ada", &SecretString::from(old), &SecretString::from("{better}")).await
            })
        })
    };
    assert!(!rehash("{another}").await.unwrap());
    assert!(rehash("{old}").await.unwrap() && !rehash("{old}").await.unwrap());
    let ada = house.account("ada").await;
    assert_eq!((ada.password.expose_secret(), ada.password_at), ("{better}", at(1000)), "the same password");
}

#[tokio::test]
async fn all_sessions_of_a_person_end_but_one() {
    let house = House::new().await;
    let who = Identity { name: Name::stored("ada"), source: Source::Backend("people".to_owned()) };
    for id in ["a", "b", "c"] {
        let (row, cookie) = (SsoSession { identity: who.clone(), ..session(id) }, TicketHash::of(id));
        let insert = house.write(move |tx| {
            let (row, cookie) = (row.clone(), cookie.clone());
            Box::pin(async move { sessions::insert(tx, &row, &cookie).await })
        });
        insert.await.unwrap();
    }
    house.session("of somebody else").await;
    let counted = sessions::count_of_person(&mut house.read().await.unwrap(), &who).await.unwrap();
    assert_eq!(counted, Ends { sessions: 3, messages: 0 });
    let end = |but: Option<&'static str>| {
        let who = who.clone();
        house.write(move |tx| {
            let (who, but) = (who.clone(), but.map(|id| SessionId(id.to_owned())));
            Box::pin(async move {
                sessions::end_of_person(tx, &who, but.as_ref(), at(2000), Farewell::Told).await
            })
        })
    };
    assert_eq!(end(Some("b")).await.unwrap(), Ends { sessions: 2, messages: 0 });
    assert!(house.store.session(&TicketHash::of("b")).await.unwrap().is_some());
    assert_eq!(end(None).await.unwrap().sessions, 1);
    assert!(house.store.session(&TicketHash::of("of somebody else")).await.unwrap().is_some());
}
