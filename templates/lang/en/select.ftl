# Where do you have an account?

select-title = Choose your institution
select-heading = Where do you have an account?
select-lead = Choose your university or organisation. You will type your password on its own page, never on this one.
select-heading-again = Continue with your institution
select-lead-again = { $n ->
    [one] You used this one before on this device. You will type your password on its own page.
   *[other] You used these before on this device. You will type your password on the institution’s own page.
}

# $institution is "unnamed" when the account is a local one.
select-not-accepted = { $institution ->
    [unnamed] { $service } does not accept the account that you are signed in with. Choose another.
   *[other] { $service } does not accept your account of { $institution }. Choose another.
}
select-sent-back = { $institution } sent you back without signing you in. Try again, or choose another institution.

select-find = Find your institution
select-find-hint = Type a name, a short name, a city, or your work e-mail address.
select-search = Search
select-list = Institutions
# $number is $n as it is written, or "{n}" where the script fills it in.
select-found = { $n ->
    [one] { $number } institution found
   *[other] { $number } institutions found
}
select-all = { $n ->
    [one] { $number } institution
   *[other] { $number } institutions
}
# More are found than the page shows.
select-all-first = { $number } institutions. The first { $shown } are shown; type to find yours.
select-found-first = { $number } institutions found. The first { $shown } are shown; type more to find yours.
select-show-all = Show all institutions
# Headings: institutions used before, and those that belong to no group.
select-recent = Used before on this device
select-others = Others
select-nothing = No institution matches “{ $term }”.
select-nothing-hint = Check the spelling or try its short name, its city or your work e-mail address. If it is not listed, it has not joined { $site } yet.
select-ask = Ask for help

select-shared = This is a shared or public computer
select-shared-hint = Your institution will not be remembered here.
select-local = Use a guest account
select-other = Choose another institution
select-forget = Forget { $institution }
select-forget-all = Forget all institutions on this device

# $time is "10:42 UTC", or a date.
select-silent = Not answering since { $time }. You can still try.
select-silent-time = { $hour }:{ $minute } UTC
select-help = Help of { $institution }
# Two sides of one choice: a button, here and on the page of somebody who is signed in.
select-skip = Go straight to { $institution } next time
# 0 days are some hours.
select-skip-hint = { $days ->
    [0] For some hours on this device.
    [one] For { $days } day on this device.
   *[other] For { $days } days on this device.
}
select-ask-again = Let me choose my institution each time on this device
