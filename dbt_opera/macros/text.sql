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
