{# One printed string, written so that people in it are separated by a slash: conjunctions and commas between full
   names, labels between names ("A B scene C D"), a conductor in brackets behind a choir. `labels` is an alternation of words. #}
{% macro separated_names(text, labels) -%}
    regexp_replace(
        regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            regexp_replace(
                                {{ text }},
                                '\((direttore|direttrice|maestro del coro|maestra del coro|leitung|dir\.|conductor|chef de chœur):? ([^)]+)\)', ' / \2', 'gi'
                            ),
                            '\s*[(\[][^)\]]*([)\]]|$)|&[a-z]+;|[*°†‡¹²³#"„“”]+', ' ', 'gi'
                        ),
                        '\s+(based on|nach einer|after|frei nach|basierend)\s.*$', '', 'i'
                    ),
                    '\s+(' || {{ labels }} || ')\s+(?=[[:upper:]]\S+ [[:upper:]])', ' / ', 'g'
                ),
                '(\S\S+\s+[^\s,/;|]\S+)\s*,?\s+(und|and|et|e|y|i|och|og|ja|és|en|con|reprise par|repris par|ripresa da|ripreso da|ripresi da|revived by|&|\+)\s+(?=(le |la |der |die |das |the |il )?\S\S+\s+\S\S)', '\1 / ', 'g'
            ),
            '([^\s,/;|]+\s+[^,/;|]*[^\s,/;|])\s*,\s*(?=[^\s,/;|]+\s+[^\s,/;|])', '\1 / ', 'g'
        ),
        '\s*[/;|]\s*', ' / ', 'g'
    )
{%- endmacro %}

{# A person's name without what is printed around it: honorifics, notes of guests, articles, dates; "Surname, Name"
   turned round. Placeholders (N.N., TBA) give null. Returns printed letters, for display. `honorifics`, `suffixes` and
   `placeholders` are alternations of words. #}
{% macro person_name(text, honorifics, suffixes, placeholders) -%}
    nullif(regexp_replace(
        btrim(regexp_replace(
            regexp_replace(
                regexp_replace(
                    regexp_replace(
                        regexp_replace(
                            btrim({{ text }}, E' \t\n\r,;:–—-&+.\u00a0'),
                            '^((' || {{ honorifics }} || ')[. ]+)+', '', 'i'
                        ),
                        '^(membres?|mitglieder|members|solist(en|in|innen)?|soloists?|solistes?|studierende|elementi|componenti) (des|der|du|de la|de l.|of the|of|von|del|della)\s+|^(le|la|il|the|der|die|das)\s+(?=\S+ )', '', 'i'
                    ),
                    '(^|\s+|,\s*)(' || {{ suffixes }} || ')\.?$', '', 'i'
                ),
                '[\s,]+[0-9][0-9./&\s,–-]*$', ''
            ),
            '^([^,]+), *(' || {{ honorifics }} || '[. ]+)?([^a-z,][^,]*)$', '\3 \1', 'i'
        ), E' \t\n\r,;:–—-&+\u00a0'),
        '^(' || {{ placeholders }} || '|[nN]\.?\s*[nN]\.?(\s.*)?|[tT]\.?[bB]\.?[aAcCdD]\.?|[tT]o be (announced|confirmed)|[wW]ird (noch )?bekannt ?gegeben|[dD]a definire|[àÀ] (préciser|confirmer)|[aA] confirmar|[eE]nsemble|\.+|…|\?+|-+|\S)$', '', 'i'
    ), '')
{%- endmacro %}

{# "Surname, Given names" of a name in the usual order; a single word stays as it is. #}
{% macro sort_name(name) -%}
    regexp_replace({{ name }}, '^(.+) (\S+)$', '\2, \1')
{%- endmacro %}

{# Words as an alternation of a regular expression. #}
{% macro alternation(column) -%}
    string_agg(
        regexp_replace(btrim({{ column }}, '. '), '([.()+*?\[\]^$])', '\\\1', 'g'), '|'
        order by length({{ column }}) desc, {{ column }} collate "C"
    )
{%- endmacro %}

{# The last part of a word that names a group of people, in languages that write compounds. #}
{% macro ensemble_ending() -%}
    '(chor|chors|chores|orchester|orchesters|ballett|kapelle|philharmoniker|symphoniker|ensemble|kantorei|singakademie|statisterie|komparserie|theater|theaters|collegium|consort)( |$)'
{%- endmacro %}
