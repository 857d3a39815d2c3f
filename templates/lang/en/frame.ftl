# Words of every page: the frame, the destination, times.

frame-skip = Skip to main content
frame-help = Get help
frame-title = { $state } – { $site }
frame-title-service = { $state } – { $service } – { $site }
frame-title-error = Error: { $title }

stub-going = You are signing in to
stub-about = You are about to be signed in to

note-or = or
note-signed-out = You are signed out.
note-not-asked = { $institution } is not available at the moment.

# Stands between the digits of large numbers.
number-thousands = ,

moment-now = just now
moment-minutes-ago = { $n ->
    [one] { $n } minute ago
   *[other] { $n } minutes ago
}
moment-hours-ago = { $n ->
    [one] { $n } hour ago
   *[other] { $n } hours ago
}
moment-in-minutes = { $n ->
    [one] in { $n } minute
   *[other] in { $n } minutes
}
moment-in-hours = { $n ->
    [one] in { $n } hour
   *[other] in { $n } hours
}
# $day, $month (1 to 12) and $year are numbers written as text.
moment-date = { $month ->
    [1] { $day } January { $year }
    [2] { $day } February { $year }
    [3] { $day } March { $year }
    [4] { $day } April { $year }
    [5] { $day } May { $year }
    [6] { $day } June { $year }
    [7] { $day } July { $year }
    [8] { $day } August { $year }
    [9] { $day } September { $year }
    [10] { $day } October { $year }
    [11] { $day } November { $year }
   *[12] { $day } December { $year }
}
