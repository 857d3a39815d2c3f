use super::{ANA, BEN, Desk, NEW, account, add, found, hash, house};
use crate::support::{Browser, Service};

#[tokio::test]
async fn an_account_is_added_while_the_server_runs() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    let line = &[
        "add",
        "ana",
        "--password-stdin",
        "--attribute",
        "email=ana@home.example",
        "--attribute",
        "groups=a",
        "--attribute",
        "groups=b=c",
        "--attribute",
        "is_staff=true",
    ];
    let (code, out, told) = desk.run_with(&[&line[..], &["--dry-run"]].concat(), ANA.1);
    assert_eq!((code, out.as_str(), told.as_str()), (Some(0), "ana would be added\n", ""));
    assert_eq!(house.count("account").await, 0);
    let (code, out, told) = desk.run_with(line, &format!("{}\r\nmore\n", ANA.1));
    assert_eq!((code, out.as_str(), told.as_str()), (Some(0), "ana is added\n", ""));
    Browser::at(&house).signs_in(ANA).await;
    let (code, out, told) = desk.run_with(line, ANA.1);
    assert!(code == Some(1) && out.is_empty() && told.contains("there is an account ana already"), "{told}");

    let view = desk.json(&["show", "ana"]);
    assert_eq!(
        view["attributes"],
        serde_json::json!({"email": ["ana@home.example"], "groups": ["a", "b=c"], "is_staff": [true]})
    );
    assert_eq!((&view["active"], &view["has_password"]), (&true.into(), &true.into()));
    assert!(view["last_login"].is_string());
    let (_, text, _) = desk.run(&["show", "ana"]);
    assert!(text.contains("  groups = a, b=c\n") && text.contains("state         on\n"), "{text}");
    assert!(!text.contains("argon2") && !view.to_string().contains("argon2"));
}

#[tokio::test]
async fn what_cannot_be_an_account_is_refused() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    let institution = "[[provider]]\nsuffix = \"north.example\"\nname = \"North\"\nurl = \"https://cas.north.example/cas\"\n";
    std::fs::create_dir(desk.0.path().join("providers.d")).unwrap();
    std::fs::write(desk.0.path().join("providers.d/n.toml"), institution).unwrap();
    for (line, input, code, words) in [
        (&["add", "ana@NORTH.example", "--password-stdin"][..], ANA.1, 1, "institution"),
        (&["add", "a b", "--password-stdin"], ANA.1, 1, "is no user name: a user name has no blank"),
        (&["add", "", "--password-stdin"], ANA.1, 1, "is no user name"),
        (&["add", "ana", "--password-stdin"], "", 1, "the password is empty"),
        (&["add", "ana", "--password-stdin"], "\nx", 1, "the password is empty"),
        (&["add", "ana"], "", 2, "--password-stdin"),
        (&["add"], "", 2, "NAME"),
        (&["add", "ana", "--password-stdin", "--attribute", "email"], ANA.1, 2, "such as email="),
        (&["add", "ana", "--password-stdin", "--attribute", "username=x"], ANA.1, 1, "has it by itself"),
        (
            &["add", "ana", "--password-stdin", "--attribute", "password=x"],
            ANA.1,
            1,
            "no attribute is called",
        ),
        (&["add", "ana", "--password-stdin", "--attribute", "is_staff=maybe"], ANA.1, 1, "true or false"),
        (
            &["add", "ana", "--password-stdin", "--attribute", "passwrd=x"],
            ANA.1,
            1,
            "it looks like a password",
        ),
        (&["add", "ana", "--password-stdin", "--attribute", "Username=x"], ANA.1, 1, "has it by itself"),
        (&["set", "ana"], "", 2, "--attribute <NAME=VALUE>|--remove <NAME>"),
        (&["set", "ana", "--attribute", "email="], "", 1, "--remove email"),
        (
            &["set", "ana", "--attribute", "email=x", "--remove", "Email"],
            "",
            1,
            "`Email` cannot get values and go",
        ),
        (&["set", "ana", "--remove", "x"], "", 1, "there is no account ana"),
        (&["passwd", "ana", "--password-stdin"], ANA.1, 1, "there is no account ana"),
        (&["show", "ana\u{1b}[2J"], "", 1, "is no user name"),
        (&["disable", "ana"], "", 1, "there is no account ana"),
        (&["enable", "ana"], "", 1, "there is no account ana"),
        (&["remove", "ana"], "", 1, "there is no account ana"),
        (&["disable"], "", 2, "NAME"),
    ] {
        let (found, _, told) = desk.run_with(line, input);
        assert!(
            found == Some(code) && told.contains(words) && !told.contains('\u{1b}'),
            "{line:?}: {found:?} {told}"
        );
        assert!(!told.contains(ANA.1));
    }
    let long = "x".repeat(513);
    let (code, _, told) = desk.run_with(&["add", "ana", "--password-stdin"], &long);
    assert!(code == Some(1) && told.contains("more than 512 bytes"), "{told}");
    assert_eq!(house.count("account").await, 0);
    let (code, out, told) = desk.run_with(&["add", "ana", "--password-stdin"], "short");
    assert!(
        code == Some(0)
            && out == "ana is added\n"
            && told.contains("warning: the password has fewer than 10 characters"),
        "{told}"
    );
}

#[tokio::test]
async fn whoever_is_switched_off_is_out_and_services_are_told() {
    let app = Service::start().await;
    let house = house().service(&app.toml("App", "")).start().await;
    add(&house, account(ANA)).await;
    add(&house, account(BEN)).await;
    let (ana, ben) = (Browser::at(&house), Browser::at(&house));
    for (browser, who) in [(&ana, ANA), (&ben, BEN)] {
        let ticket = browser.signs_in_for(who, &app.url).await;
        assert!(house.service_validate(&ticket, &app.url).await.contains("authenticationSuccess"));
    }
    let desk = Desk::of(&house);
    let (code, out, _) = desk.run(&["disable", "ana", "--dry-run"]);
    let would = "ana would be switched off; sessions that would end: 1, messages to services: 1\n";
    assert_eq!((code, out.as_str()), (Some(0), would));
    assert!(ana.get("login").await.says("Signed in"), "nothing has changed");
    let (code, out, told) = desk.run(&["disable", "ana", "nobody"]);
    assert_eq!(out, "ana is switched off; sessions ended: 1, messages to services: 1\n");
    assert!(
        code == Some(1) && told.contains("there is no account nobody") && told.contains("the running server"),
        "{told}"
    );
    let page = ana.get("login").await;
    assert!(page.asks_password());
    assert_eq!(ana.types(&page, ANA).await.status, 401);
    assert_eq!((house.tell_services().await, app.heard().len()), (1, 1));
    assert_eq!(desk.run(&["disable", "ana"]).1, "ana is off already\n");
    let again = desk.json(&["disable", "ana"]);
    assert_eq!((&again[0]["changed"], &again[0]["sessions"]), (&false.into(), &0.into()));

    let (_, out, _) = desk.run(&["disable", "ben", "--no-slo"]);
    assert_eq!(out, "ben is switched off; sessions ended: 1, messages to services: 0\n");
    assert!(ben.get("login").await.asks_password() && house.outbox().await.is_empty());
    let names = |list: serde_json::Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(desk.json(&["list", "--disabled"])), ["ana", "ben"]);
    assert_eq!(desk.run(&["enable", "ana", "--dry-run"]).1, "ana would be switched on\n");
    assert_eq!(desk.run(&["enable", "ana"]).1, "ana is switched on\n");
    assert_eq!(desk.run(&["enable", "ana"]).1, "ana is on already\n");
    assert_eq!(names(desk.json(&["list", "--disabled"])), ["ben"]);
    assert_eq!(names(desk.json(&["list"])), ["ana", "ben"]);
    ana.signs_in(ANA).await;
    let (_, text, _) = desk.run(&["list"]);
    assert!(
        text.starts_with("NAME  STATE  JOINED") && text.contains("\nben   off    2027-01-15 08:00:00Z  "),
        "{text}"
    );
}

#[tokio::test]
async fn another_password_by_command_signs_out_everywhere() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    let ana = Browser::at(&house);
    ana.signs_in(ANA).await;
    let desk = Desk::of(&house);
    let before = hash(&house, "ana").await;
    assert_eq!(desk.run_with(&["passwd", "ana", "--dry-run"], "").0, Some(0));
    assert_eq!(hash(&house, "ana").await, before);
    let (code, out, _) = desk.run_with(&["passwd", "ana", "--password-stdin", "--must-change"], BEN.1);
    let words = "ana has another password; sessions ended: 1, messages to services: 0\n";
    assert_eq!((code, out.as_str()), (Some(0), words));
    let page = ana.get("login").await;
    assert!(page.asks_password());
    let page = ana.types(&page, ("ana", BEN.1)).await;
    assert!(page.says("Choose a new password"), "{}", page.text());
    let (_, out, _) = desk.run_with(&["passwd", "ana", "--password-stdin"], NEW);
    assert_eq!(out, "ana has another password\n");
    ana.signs_in(("ana", NEW)).await;
}

#[tokio::test]
async fn attributes_come_and_go_and_accounts_too() {
    let house = house().start().await;
    add(&house, account(ANA)).await;
    let desk = Desk::of(&house);
    let ana = Browser::at(&house);
    ana.signs_in(ANA).await;
    let line =
        &["set", "ana", "--attribute", "room=Attic 4", "--attribute", "room=Cellar", "--remove", "nothing"];
    assert_eq!(desk.run(&[&line[..], &["--dry-run"]].concat()).1, "ana would be changed\n");
    assert!(found(&house, "ana").await.attributes.is_empty());
    assert_eq!(desk.run(line).1, "ana is changed\n");
    assert_eq!(desk.run(line).1, "ana is unchanged\n");
    assert!(ana.get("login").await.says("Attic 4, Cellar"));
    assert_eq!(
        desk.run(&["set", "ana", "--attribute", "ROOM=Attic 4", "--attribute", "room=Cellar"]).1,
        "ana is changed\n"
    );
    let room = desk.json(&["show", "ana"])["attributes"].clone();
    assert_eq!(room, serde_json::json!({"ROOM": ["Attic 4", "Cellar"]}), "one attribute, whatever its case");
    assert_eq!(desk.run(&["set", "ana", "--remove", "room"]).1, "ana is changed\n");
    assert!(!ana.get("login").await.says("Attic 4"));
    assert_eq!(desk.run(&["remove", "ana", "--dry-run"]).0, Some(0));
    assert!(ana.get("login").await.says("Signed in"));
    let (_, out, _) = desk.run(&["remove", "ana"]);
    assert_eq!(out, "ana is removed; sessions ended: 1, messages to services: 0\n");
    assert!(ana.get("login").await.asks_password() && house.count("account").await == 0);
}

#[tokio::test]
async fn two_commands_at_once_add_one_account() {
    let house = house().start().await;
    let desk = Desk::of(&house);
    let mut codes: Vec<_> = std::thread::scope(|scope| {
        let add = || desk.run_with(&["add", "ana", "--password-stdin"], ANA.1).0;
        let both = [scope.spawn(add), scope.spawn(add)];
        both.into_iter().map(|one| one.join().unwrap()).collect()
    });
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(1)]);
    assert_eq!(house.count("account").await, 1);
}

#[tokio::test]
async fn without_the_back_end_the_operator_is_warned() {
    let house = house().start().await;
    let desk = Desk::with(&house, "");
    let (code, _, told) = desk.run_with(&["add", "ana", "--password-stdin"], ANA.1);
    assert!(code == Some(0) && told.contains("no [[backend]] is of the kind \"accounts\""), "{told}");
}
