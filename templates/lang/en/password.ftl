# The owner of a local account chooses another password.

password-title = Choose a new password
password-must = The password that you were given has to be replaced. Choose one of your own to go on.
password-lead = You stay signed in here. Everywhere else you will be signed out.
password-current = Current password
password-new = New password
password-hint = At least { $n } characters. A few words in a row are easy to keep in mind.
password-again = New password, once more
password-button = Change password
password-back = Keep the current password
password-sign-in = Back to sign in
password-home = Back

password-wrong = Wrong current password
password-wrong-hint = Type the password that you sign in with now.
password-not-here = This password cannot be changed here
password-not-here-hint = Passwords are not changed on this page. Ask those who gave you the account.
password-help = Get help
password-no-current = Enter your current password.
password-no-new = Enter a new password.
password-no-again = Enter the new password once more.
password-expired-hint = Nothing was changed. Fill it in once more.
password-cookies-hint = Changing your password needs cookies. Allow them for this site, then fill it in once more.

password-weak = Choose another new password
password-unchanged = Your password was not changed.
password-short = It needs at least { $n } characters.
password-long = It is too long.
password-nul = It contains a character (NUL) at which other programs stop reading.
password-same = It is the current password.
password-username = It is your user name.
password-own = Others can guess it: it is made of words about you or about this service.
password-keys = Others can guess it: the keys are next to each other.
password-repeats = Others can guess it: it repeats the same thing.
password-common = Others can guess it: many people use it.
password-sequence = Others can guess it: it is a row of letters or numbers, such as abc or 123.
password-date = Others can guess it: it is a date or a year.
password-word = Others can guess it: it is a single word or name. Add more words.
password-guessable = Others can guess it. Add more words.
password-different = The new passwords are not the same
password-again-differs = Type the new password here once more.
