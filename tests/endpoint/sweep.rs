//! Many endpoints at a time: limits, and scans that end in the middle. `benches/sweep.py` does the same with thousands.

use std::path::Path;
use std::process::Child;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::program::{Ran, command, folder, run, write};
use super::servers::{Server, alert, choose, client_hello, drain};
use super::{found, read_to};

/// Hosts of their own where loopback has more than one address.
fn address(at: usize) -> String {
    if cfg!(target_os = "linux") { format!("127.77.0.{}", at + 1) } else { "127.0.0.1".to_owned() }
}

/// Most speak TLS, some only plaintext, some hang up and some have nothing to say.
fn endpoints(number: usize) -> (Vec<Server>, String) {
    let servers: Vec<Server> = (0..number)
        .map(|at| {
            let address = address(at);
            match at % 10 {
                8 => Server::start_at(&address, |mut stream| {
                    read_to(&mut stream, b"\x1c\r");
                    let _ = std::io::Write::write_all(&mut stream, b"\x0bMSH|^~\\&|A\rMSA|AR|T\r\x1c\r");
                }),
                9 if at % 20 == 9 => Server::start_at(&address, |mut stream| drop(client_hello(&mut stream))),
                9 => Server::start_at(&address, drain),
                _ => Server::start_at(&address, choose(&[0x0303], &[0xc02f, 0x009c, 0x002f], alert)),
            }
        })
        .collect();
    let schemes = servers.iter().enumerate().map(|(at, server)| server.url(if at % 10 == 8 { "mllp" } else { "tls" }));
    let list = schemes.map(|url| format!("{url}\n")).collect();
    (servers, list)
}

fn scan(root: &Path, journal: &str, more: &[&str]) -> std::process::Command {
    let arguments = ["scan", "--targets", "list", "--resume", journal, "--timeout", "1", "--format", "json"];
    command(root, &[&arguments, more].concat())
}

fn lines(file: &Path) -> usize {
    std::fs::read_to_string(file).map_or(0, |text| text.lines().count())
}

/// Begins a scan and waits until its journal has so many lines.
fn begun(root: &Path, journal: &str, wanted: usize, more: &[&str]) -> Child {
    let mut scan = scan(root, journal, more);
    let child = scan.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn();
    let began = Instant::now();
    while lines(&root.join(journal)) < wanted {
        assert!(began.elapsed() < Duration::from_secs(60), "the journal stays short");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.expect("the program starts")
}

fn counts(servers: &[Server]) -> Vec<usize> {
    servers.iter().map(Server::connections).collect()
}

/// Which of the servers a journal knows.
fn known<'s>(root: &Path, journal: &str, servers: &'s [Server]) -> Vec<&'s Server> {
    let text = std::fs::read_to_string(root.join(journal)).expect("a journal");
    let facts: Vec<&str> = text.split_inclusive('\n').filter(|line| line.contains("\"facts\":[{")).collect();
    let names = |server: &&Server| facts.iter().any(|line| line.contains(&server.url("").split_off(1)));
    servers.iter().filter(names).filter(|_| text.ends_with('\n')).collect()
}

#[test]
fn sixty_endpoints_are_asked_one_at_a_time_and_no_faster_than_allowed() {
    let root = folder();
    let (servers, list) = endpoints(60);
    write(root.path(), "list", list);
    let began = Instant::now();
    let ran = run(scan(root.path(), "journal", &["--max-rate", "400"]));
    let took = began.elapsed();
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert_eq!(ran.notices().iter().filter(|kind| *kind == "unreadable").count(), 6, "{ran:?}");
    let mut times: Vec<Instant> =
        servers.iter().flat_map(|server| server.begun.lock().expect("no panic").clone()).collect();
    times.sort();
    // Servers may learn of a few connections late, all at once.
    let most = times
        .iter()
        .enumerate()
        .map(|(at, time)| times[at..].iter().take_while(|later| **later - *time < Duration::from_secs(1)).count());
    assert!(most.max().unwrap_or(0) <= 440, "{} connections in {took:?}", times.len());
    let least = Duration::from_micros(2500) * (times.len() as u32 - 1);
    assert!(times.len() > 500 && took >= least, "{} connections in {took:?}", times.len());
    // A server may learn late that a client went.
    assert!(servers.iter().all(|server| server.most.load(Ordering::SeqCst) <= 2));
    // The same report comes from the journal, without a connection to those that answered.
    let before = counts(&servers);
    let again = run(scan(root.path(), "journal", &[]));
    assert!(again.out == ran.out && again.code == ran.code, "the reports differ");
    for (at, (before, now)) in before.iter().zip(counts(&servers)).enumerate() {
        assert!(at % 10 == 9 || *before == now, "{at} is asked again");
    }
}

#[test]
fn what_was_killed_goes_on_to_the_same_report() {
    let root = folder();
    let (servers, list) = endpoints(60);
    write(root.path(), "list", list);
    let whole = run(scan(root.path(), "whole", &[]));
    let mut child = begun(root.path(), "cut", 20, &["--hosts", "4"]);
    child.kill().expect("it can be killed");
    child.wait().expect("it is gone");
    let (known, before) = (known(root.path(), "cut", &servers), counts(&servers));
    assert!(known.len() >= 15 && known.len() < 54, "{} of 60", known.len());
    let asked: Vec<usize> = known.iter().map(|server| server.connections()).collect();
    let rest = run(scan(root.path(), "cut", &[]));
    assert_eq!(known.iter().map(|server| server.connections()).collect::<Vec<_>>(), asked, "none is asked twice");
    assert!(counts(&servers).iter().sum::<usize>() > before.iter().sum());
    assert!(rest.out == whole.out && rest.code == whole.code, "the reports differ");
}

#[cfg(unix)]
#[test]
fn what_is_interrupted_tells_what_it_knows() {
    let root = folder();
    let (servers, list) = endpoints(60);
    write(root.path(), "list", list);
    let whole = run(scan(root.path(), "whole", &[]));
    let child = begun(root.path(), "cut", 20, &["--hosts", "4"]);
    let signal = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(signal.is_ok_and(|status| status.success()));
    let ended = child.wait_with_output().expect("it ends by itself");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    let ran = Ran { code: ended.status.code(), out: text(ended.stdout), err: text(ended.stderr) };
    assert_eq!(ran.code, Some(1), "findings outrank: {}", ran.err);
    let told = ran.json()["notices"].to_string();
    assert!(told.contains(" of 60 endpoints were not asked: the scan was interrupted"), "{told}");
    let some = found(&ran).len();
    assert!(some > 0 && some < found(&whole).len());
    let (known, before) = (known(root.path(), "cut", &servers), counts(&servers));
    let asked: Vec<usize> = known.iter().map(|server| server.connections()).collect();
    let rest = run(scan(root.path(), "cut", &[]));
    assert_eq!(known.iter().map(|server| server.connections()).collect::<Vec<_>>(), asked, "none is asked twice");
    assert!(counts(&servers).iter().sum::<usize>() > before.iter().sum());
    assert!(rest.out == whole.out && rest.code == whole.code, "the reports differ");
}
