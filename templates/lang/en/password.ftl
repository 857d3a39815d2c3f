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

password-wrong = Wrong current password
password-wrong-hint = Type the password that you sign in with now.
password-not-here = This password cannot be changed here
password-not-here-hint = Your account is kept elsewhere. Ask those who gave it to you.
password-no-current = Enter your current password.
password-no-new = Enter a new password.
password-no-again = Enter the new password once more.
password-expired-hint = Nothing was changed. Fill it in once more.

password-weak = Choose another new password
password-weak-hint = Your password was not changed.
password-short = It needs at least { $n } characters.
password-long = It is too long.
password-same = It is the current password.
password-username = It is your user name.
password-own = Others can guess it: it is made of words about you or of this service.
password-keys = Others can guess it: its keys lie beside each other.
password-repeats = Others can guess it: it says the same again and again.
password-common = Others can guess it: many people have chosen it.
password-sequence = Others can guess it: it counts up or down.
password-date = Others can guess it: it is a date or a year.
password-word = Others can guess it: it is a word or a name alone. Add more words.
password-guessable = Others can guess it. Add more words.
password-different = Both new passwords differ
password-different-hint = Type the new password twice.
password-again-differs = This is not what you typed above.
