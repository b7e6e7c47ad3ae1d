/**
 * The first look at what is given as text: UTF-8 with or without a byte order mark; anything else
 * is refused by the name of what it is.
 */
package aviary.text;
