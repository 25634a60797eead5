"""The matrix: each fault, when the program has passed, the tests that show it every day, and the campaign."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One fault."""

    number: int
    fault: str
    passes: str
    """When the program has passed."""
    campaign: str
    """Module of this package."""
    tests: tuple[str, ...] = ()
    """Paths of tests that are part of `make test`, each with a name or without."""


MATRIX = (
    Row(1, "a night is killed with SIGKILL", "nothing committed is lost, and the next night goes on", "killing",
        ("tests/catalogue/test_kill.py::test_five_kills",)),
    Row(2, "a worker is killed", "the run ends, and the file is tried again", "killing",
        ("tests/intake/engines/test_local.py::test_each_file_answers_for_itself",
         "tests/intake/engines/test_local.py::test_a_fork_server_that_is_killed_is_replaced")),
    Row(3, "the write-ahead log is torn", "the catalogue is sound, and holds a prefix", "catalogues",
        ("tests/catalogue/test_session.py::test_a_log_that_outlived_its_file_does_no_harm",)),
    Row(4, "the disk of the catalogue is full", "a clear sentence, exit 4, and all of it when there is room", "disk",
        ("tests/catalogue/test_session.py::test_a_full_disk_is_told_and_loses_nothing",)),
    Row(5, "the disk of the reports is full", "the older report stays, no partial one", "disk",
        ("tests/cli/test_backup.py::test_a_full_disk_is_one_clear_sentence",)),
    Row(6, "a disk error in the middle of a file", "unreadable, exit 3; never broken, never fine", "storage",
        ("tests/intake/test_examine.py::test_storage_that_fails_while_parsing_is_told_and_nothing_is_called_broken",)),
    Row(7, "stale handle, no permission, gone after the listing", "told, exit 3, tried again the next night", "storage",
        ("tests/intake/test_examine.py::test_what_vanished_or_became_a_link_is_not_opened",)),
    Row(8, "a slow storage, and one that never answers", "the file is given up, and the run ends", "storage",
        ("tests/intake/engines/test_local.py::test_a_worker_that_nothing_ends_is_left_to_itself",)),
    Row(9, "too few bytes, other bytes each time", "too few are told; other bytes are taken as they came", "storage",
        ("tests/media/test_source.py::test_a_storage_that_gives_too_little_is_told",)),
    Row(10, "a file changes while it is read", "no mixture of two states is kept", "races",
        ("tests/intake/test_examine.py::test_a_file_that_keeps_changing_is_unstable",)),
    Row(11, "links and pipes take the place of a file", "nothing outside of the storage is read", "races",
        ("tests/hostile/test_references.py::test_nothing_outside_is_opened",)),
    Row(12, "pipes, sockets, devices, loops, hard links, sparse files", "counted, never opened; no loop", "places",
        ("tests/intake/test_walk.py::test_links_and_pipes_are_counted_and_not_followed",)),
    Row(13, "names that are no text, or a command", "kept byte by byte, shown apart", "places",
        ("tests/intake/test_walk.py::test_names_that_are_no_text_survive_and_stay_apart",)),
    Row(14, "what systems leave behind; twins by case", "junk is counted, and nothing else is", "places",
        ("tests/intake/test_walk.py::test_junk_is_known_by_name_and_content",)),
    Row(15, "clocks set forward and back, odd file times", "no approval is revived, no file read again", "places",
        ("tests/cli/test_approvals.py",)),
    Row(16, "two writers, and readers beside them", "the second is refused with 6, readers see a moment", "catalogues",
        ("tests/catalogue/test_session.py::test_a_second_writer_is_told_who_holds_it",
         "tests/catalogue/test_session.py::test_readers_see_what_was_committed_while_the_writer_goes_on")),
    Row(17, "10,000 damaged files", "every file has an answer, nobody hangs", "hostile",
        ("tests/hostile/test_campaign.py::test_a_short_campaign_keeps_every_promise",)),
    Row(18, "a million assets", "look-ups under 5 ms, at most 1.2 KiB an asset", "catalogues",
        ("tests/catalogue/test_cost.py",)),
    Row(19, "very many files in a folder, long sequences, deep folders", "all read, memory flat", "places",
        ("tests/intake/test_walk.py::test_a_thousand_folders_deep",)),
    Row(20, "bombs", "a typed trouble, memory within limits", "hostile",
        ("tests/hostile/test_campaign.py::test_a_short_campaign_keeps_every_promise",)),
    Row(21, "a JPEG of 2 GiB", "too large, within memory", "hostile"),
    Row(22, "no network", "no socket, the same findings", "watched", ("tests/test_architecture.py",)),
    Row(23, "a storage is only read", "no call that changes it, all times as they were", "watched",
        ("tests/cli/test_scan.py::test_the_scanned_folder_stays_as_it_was",)),
    Row(24, "somebody edits the catalogue", "every edit is noticed", "catalogues",
        ("tests/catalogue/test_verify.py::test_random_edits_are_all_noticed",)),
    Row(28, "SIGINT, SIGTERM, SIGHUP", "in order within 10 s: 130, 143, 129", "killing",
        ("tests/cli/test_nights.py::test_a_signal_ends_a_night_in_order",)),
    Row(29, "the catalogue is newer, foreign, or nowhere", "refused with a hint, untouched", "catalogues",
        ("tests/catalogue/test_session.py::test_a_newer_catalogue_is_refused",
         "tests/catalogue/test_session.py::test_files_of_others_are_refused_untouched")),
    Row(30, "any single write, fsync or rename fails", "never unsound; 0 only with everything there", "disk"),
    Row(31, "500 nights in one process", "neither memory nor handles grow", "soak"),
)  # fmt: skip
"""Rows 25 to 27 (changed reports, approvals, texts that attack a reader) are tests of their own, without a campaign."""

CAMPAIGNS = ("killing", "catalogues", "disk", "storage", "races", "places", "hostile", "watched", "soak")
