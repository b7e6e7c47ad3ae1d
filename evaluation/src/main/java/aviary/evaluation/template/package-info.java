/**
 * The template language of task files: the part of Jinja that lm-evaluation-harness's tasks are
 * written in, with the values and methods of Python. Its own, as what Java has of Jinja has Java's
 * strings and lists: a list of choices cannot be got back from what it prints.
 */
package aviary.evaluation.template;
