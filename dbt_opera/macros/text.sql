{# The form in which printed names and titles are compared. It depends on no locale of the server: letters lose their
   marks by NFKD, case is folded for ASCII and, letter by letter, for Cyrillic and Greek; all else that is no letter or
   digit is one space. #}
{% macro normalised(text) -%}
    btrim(regexp_replace(
        lower(translate(
            replace(replace(replace(replace(replace(replace(replace(replace(
                regexp_replace(
                    normalize({{ text }}, nfkd),
                    '[\u0300-\u036f\u00ad\u200b-\u200f\u2060-\u2064\ufeff]', '', 'g'
                ),
                'ß', 'ss'), 'ẞ', 'ss'), 'æ', 'ae'), 'Æ', 'ae'), 'œ', 'oe'), 'Œ', 'oe'), 'þ', 'th'), 'Þ', 'th'),
            'АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЂЄЅІЈЉЊЋЏΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςØøŁłĐđÐðıĦħ',
            'абвгдежзиклмнопрстуфхцчшщъыьэюяђєѕіјљњћџαβγδεζηθικλμνξοπρστυφχψωσoollddddihh'
        ) collate "C"),
        '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u02b0-\u02ff\u2000-\u206f\u3000-\u303f]+', ' ', 'g'
    ))
{%- endmacro %}

{# A person's name without what is printed around it: honorifics, marks of guests and debuts, notes in brackets;
   "Surname, Name" turned round. Placeholders (N.N., TBA) give null. Returns printed letters, for display. #}
{% macro person_name(text) -%}
    nullif(
        regexp_replace(
            btrim(
                regexp_replace(
                    regexp_replace(
                        regexp_replace({{ text }}, '\s*[(\[][^)\]]*[)\]]|[*°†‡¹²³#]+', '', 'g'),
                        '^\s*((KS|Ks|GMD|Kammersänger(in)?|Sir|Dame|Dr|Prof|Maestro|Mtro|Mrs|Mr|Mme|Frau|Herr)[. ]+)+', ''
                    ),
                    '^([^,]+), *([^a-z,][^,]*)$', '\2 \1'
                ),
                E' \t\n\r,;:–—-\u00a0'
            ),
            '^([nN]\.?\s*[nN]\.?|[tT]\.?[bB]\.?[aAcCdD]\.?|[tT]o be (announced|confirmed)|[wW]ird (noch )?bekannt ?gegeben|[dD]a definire|[àÀ] (préciser|confirmer)|[aA] confirmar|Ensemble|\.+|…|\?+|-+)?$', ''
        ), ''
    )
{%- endmacro %}

{# Several names printed as one: only separators that no name contains. #}
{% macro name_separator() -%}
    '\s*[/;|]\s*'
{%- endmacro %}

{# "Surname, Given names" of a name in the usual order; a single word stays as it is. #}
{% macro sort_name(name) -%}
    regexp_replace({{ name }}, '^(.+) (\S+)$', '\2, \1')
{%- endmacro %}
